using System.Net;

namespace ClusterActors.Cli.Parsing;

/// <summary><c>--listen</c>.</summary>
internal static class ListenOption
{
    /// <returns>Null when it was not given.</returns>
    /// <exception cref="UsageException">Not an address.</exception>
    public static IPEndPoint? ListenAt(this Invocation invocation, int otherwise)
    {
        if (invocation.Text("listen") is not { } text)
            return null;
        if (IPAddress.TryParse(text, out var alone))
            return new IPEndPoint(alone, otherwise);
        return IPEndPoint.TryParse(text, out var point)
            ? point
            : throw new UsageException($"clp {invocation.Command.Words}: --listen {text}: must be ADDRESS, ADDRESS:PORT or [IPV6]:PORT", invocation.Command);
    }
}
