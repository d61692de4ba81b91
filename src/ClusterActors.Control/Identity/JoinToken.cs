using System.Buffers.Text;
using System.Net;

namespace ClusterActors.Control.Identity;

/// <summary>
/// What a server needs to join: where the first one listens, the SHA-256 of the cluster's authority, and a one-time secret. As text
/// <c>clp1.</c> and base64url of: count of addresses, each with its length, port, fingerprint, secret.
/// </summary>
public sealed record JoinToken(IReadOnlyList<IPAddress> Addresses, int Port, byte[] Fingerprint, byte[] Secret)
{
    internal const int SecretBytes = 16;
    private const int FingerprintBytes = 32;
    private const int MaxAddresses = 16;
    private const string Prefix = "clp1.";

    public override string ToString()
    {
        var bytes = new List<byte> { (byte)Addresses.Count };
        foreach (var address in Addresses)
        {
            var raw = address.GetAddressBytes();
            bytes.Add((byte)raw.Length);
            bytes.AddRange(raw);
        }

        bytes.Add((byte)(Port >> 8));
        bytes.Add((byte)Port);
        bytes.AddRange(Fingerprint);
        bytes.AddRange(Secret);
        return Prefix + Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <exception cref="IdentityException">The text is no token.</exception>
    public static JoinToken Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            throw Wrong($"it does not begin with {Prefix}");
        byte[] bytes;
        try
        {
            bytes = Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length));
        }
        catch (FormatException)
        {
            throw Wrong("letters are missing or wrong");
        }

        return Read(bytes) ?? throw Wrong("its length does not fit");
    }

    private static JoinToken? Read(ReadOnlySpan<byte> rest)
    {
        if (rest.Length == 0 || rest[0] is 0 or > MaxAddresses)
            return null;
        var addresses = new IPAddress[rest[0]];
        rest = rest[1..];
        for (var i = 0; i < addresses.Length; i++)
        {
            if (rest.Length == 0 || rest[0] is not (4 or 16) || rest.Length <= rest[0])
                return null;
            addresses[i] = new IPAddress(rest.Slice(1, rest[0]));
            rest = rest[(1 + rest[0])..];
        }

        return rest.Length != 2 + FingerprintBytes + SecretBytes
            ? null
            : new JoinToken(addresses, (rest[0] << 8) | rest[1], rest.Slice(2, FingerprintBytes).ToArray(), rest[(2 + FingerprintBytes)..].ToArray());
    }

    private static IdentityException Wrong(string why) =>
        new(ExitCode.Usage, $"join token: {why}; copy the whole token that clp cluster init printed");
}
