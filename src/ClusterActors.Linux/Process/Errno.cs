namespace ClusterActors.Linux;

/// <summary>The error numbers that this code decides by (asm-generic values, the same on x86-64 and arm64).</summary>
public static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int NoSuchProcess = 3;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoSuchDevice = 6;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int Invalid = 22;
    public const int NotATerminal = 25;
    public const int BrokenPipe = 32;
    public const int NotEmpty = 39;
    public const int NotSupported = 95;
    public const int NoBuffers = 105;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NotConnected = 107;
}
