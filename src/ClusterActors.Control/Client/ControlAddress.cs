namespace ClusterActors.Control.Client;

/// <summary>Where the control API is asked: on the local socket, or at a server's manager port.</summary>
public sealed record ControlAddress(string? SocketPath, string? Host, int Port)
{
    /// <summary>Manager port of the manuals.</summary>
    public const int DefaultPort = 29003;

    /// <summary>The daemon of this server: <c>/run/clp/control.sock</c> below the root given by <c>CLP_ROOT</c>.</summary>
    public static ControlAddress Local(string? root) =>
        new(Path.Combine(string.IsNullOrEmpty(root) ? "/" : root, "run/clp/control.sock"), null, 0);

    /// <summary><c>HOST</c>, <c>HOST:PORT</c>, <c>[IPV6]:PORT</c>, or a bare IPv6 address.</summary>
    /// <exception cref="ControlException">Not such a text.</exception>
    public static ControlAddress Remote(string text) => Remote(text, DefaultPort);

    /// <inheritdoc cref="Remote(string)"/>
    /// <param name="otherwise">The port when the text has none.</param>
    public static ControlAddress Remote(string text, int otherwise)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (host, port) = (text, "");
        if (text.StartsWith('[') && text.IndexOf(']') is > 0 and var end)
            (host, port) = (text[1..end], text[(end + 1)..]);
        else if (text.Count(character => character == ':') == 1)
            (host, port) = (text[..text.IndexOf(':')], text[text.IndexOf(':')..]);
        var number = otherwise;
        if (host.Length == 0 || (port.Length > 0 && (port[0] != ':' || !int.TryParse(port.AsSpan(1), out number) || number is < 1 or > 65535)))
            throw new ControlException(ExitCode.Usage, $"--host {text}: must be HOST, HOST:PORT or [IPV6]:PORT with a port of 1 to 65535");
        return new ControlAddress(null, host, number);
    }

    public override string ToString() => SocketPath ?? (Host!.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}");
}
