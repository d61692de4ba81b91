namespace ClusterActors.Linux.Process;

/// <summary>Signal numbers that are used by name (signal(7), the same on x86-64 and arm64).</summary>
public static class LinuxSignals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
    public const int Maximum = 64;
}
