using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace ClusterActors.Control.Identity;

/// <summary>First, from the server that admits: its authority (DER) and a nonce. Nothing secret is said before the fingerprint was compared.</summary>
internal sealed record JoinHello(int Version, byte[] Authority, byte[] Nonce);

/// <param name="Proof">HMAC-SHA256 with the token's secret over both nonces, the admitting server's certificate, name and request.</param>
internal sealed record JoinRequest(int Version, string Server, byte[] Nonce, string SigningRequest, byte[] Proof);

/// <param name="Refusal">A sentence; then nothing else is set.</param>
/// <param name="Proof">Made as the request's, so that only the holder of the secret can admit.</param>
internal sealed record JoinReply(
    string? Refusal, string? Certificate, byte[]? ClusterKey, Guid? ClusterId, byte[]? Configuration, IReadOnlyList<IncludedFile>? Includes, byte[]? Proof);

/// <summary>Last, from the server that joined: everything is stored.</summary>
internal sealed record JoinStored(bool Stored);

/// <summary>The exchange of a join, in <see cref="JsonFrames"/> over TLS.</summary>
internal static class JoinWire
{
    public const int Version = 2;
    public const int NonceBytes = 16;

    /// <summary>Knowledge of the secret, bound to this very connection (the admitting server's certificate) and to what is asked for.</summary>
    public static byte[] RequestProof(byte[] secret, JoinHello hello, byte[] peerCertificate, string server, byte[] nonce, string signingRequest) =>
        Proof(secret, "clp-join-request-1", hello.Nonce, nonce, SHA256.HashData(peerCertificate), Encoding.UTF8.GetBytes(server), Encoding.UTF8.GetBytes(signingRequest));

    public static byte[] ReplyProof(byte[] secret, JoinHello hello, byte[] nonce, string certificate, byte[] clusterKey, Guid clusterId, byte[] configuration, IReadOnlyList<IncludedFile> includes) =>
        Proof(
            secret, "clp-join-reply-2",
            [
                hello.Nonce, nonce, Encoding.UTF8.GetBytes(certificate), clusterKey, clusterId.ToByteArray(), configuration,
                .. includes.SelectMany(file => new[] { Encoding.UTF8.GetBytes(file.Name), file.Content }),
            ]);

    // Each part after its length: no two different lists of parts give the same bytes.
    private static byte[] Proof(byte[] secret, string purpose, params byte[][] parts)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.UTF8.GetBytes(purpose));
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            hmac.AppendData(length);
            hmac.AppendData(part);
        }

        return hmac.GetHashAndReset();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JoinHello))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinReply))]
[JsonSerializable(typeof(JoinStored))]
internal sealed partial class JoinJson : JsonSerializerContext;
