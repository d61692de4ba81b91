using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ClusterActors.Actors;

/// <summary>
/// The place of an actor in the tree: <c>clp://system/user/a/b</c>, with a server when it is meant for other nodes,
/// and with <c>#uid</c> where one incarnation is meant. Two paths are equal whatever their uids; refs compare the uid too.
/// </summary>
public sealed class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>The uid of a path that does not name an incarnation.</summary>
    public const long UndefinedUid = 0;

    private const string AllowedPunctuation = "-_.:$()+@=!,;'~&";
    private readonly int _hash;

    private ActorPath(Address address, ActorPath? parent, string name, long uid)
    {
        Address = address;
        Parent = parent;
        Name = name;
        Uid = uid;
        Depth = parent is null ? 0 : parent.Depth + 1;
        _hash = parent is null ? address.GetHashCode() : HashCode.Combine(parent._hash, name);
    }

    /// <summary>The system (and server) this path belongs to.</summary>
    public Address Address { get; }

    /// <summary>The path one step up; null for the root.</summary>
    public ActorPath? Parent { get; }

    /// <summary>The last element; empty for the root.</summary>
    public string Name { get; }

    /// <summary>The incarnation, or <see cref="UndefinedUid"/>.</summary>
    public long Uid { get; }

    /// <summary>Number of elements; 0 for the root.</summary>
    public int Depth { get; }

    /// <summary>The elements from the root down.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[Depth];
            for (var path = this; path.Parent is not null; path = path.Parent)
                elements[path.Depth - 1] = path.Name;
            return elements;
        }
    }

    /// <summary>The root path of a system.</summary>
    public static ActorPath Root(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new ActorPath(address, null, string.Empty, UndefinedUid);
    }

    /// <summary>The path of the child <paramref name="name"/>.</summary>
    public static ActorPath operator /(ActorPath parent, string name) => parent.Child(name, UndefinedUid);

    /// <summary>Same as <c>==</c> on the elements and the address; uids are left out.</summary>
    public static bool operator ==(ActorPath? left, ActorPath? right) => left is null ? right is null : left.Equals(right);

    /// <summary>The opposite of <c>==</c>.</summary>
    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);

    /// <summary>Orders by text, for stable listings.</summary>
    public static bool operator <(ActorPath left, ActorPath right) => left.CompareTo(right) < 0;

    /// <summary>Orders by text, for stable listings.</summary>
    public static bool operator >(ActorPath left, ActorPath right) => left.CompareTo(right) > 0;

    /// <summary>Orders by text, for stable listings.</summary>
    public static bool operator <=(ActorPath left, ActorPath right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by text, for stable listings.</summary>
    public static bool operator >=(ActorPath left, ActorPath right) => left.CompareTo(right) >= 0;

    /// <summary>The path of the child <paramref name="name"/> in the incarnation <paramref name="uid"/>.</summary>
    public ActorPath Child(string name, long uid) => new(Address, this, name, uid);

    /// <summary>The same path for another incarnation.</summary>
    public ActorPath WithUid(long uid) => uid == Uid ? this : new ActorPath(Address, Parent, Name, uid);

    /// <summary>The same path below another address.</summary>
    public ActorPath WithAddress(Address address) =>
        address == Address ? this : new ActorPath(address, Parent?.WithAddress(address), Name, Uid);

    /// <summary>Reads <c>clp://system[@server]/a/b[#uid]</c>.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static ActorPath Parse(string text) =>
        TryParse(text, out var path)
            ? path
            : throw new FormatException($"actor path: found '{text}', must have the form clp://system[@server]/name/name[#uid]");

    /// <summary>Reads a path; false when the text has another form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ActorPath? path)
    {
        path = null;
        const string start = Address.Protocol + "://";
        if (text is null || !text.StartsWith(start, StringComparison.Ordinal)) return false;
        var rest = text[start.Length..];
        var uid = UndefinedUid;
        var hash = rest.LastIndexOf('#');
        if (hash >= 0)
        {
            if (!long.TryParse(rest.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uid)) return false;
            rest = rest[..hash];
        }
        var parts = rest.Split('/');
        if (!TryParseAuthority(parts[0], out var address)) return false;
        var result = Root(address);
        // A single trailing slash after the authority is the root itself.
        if (parts.Length == 2 && parts[1].Length == 0) { path = result; return true; }
        for (var i = 1; i < parts.Length; i++)
        {
            if (!IsValidElement(parts[i])) return false;
            result = result.Child(parts[i], i == parts.Length - 1 ? uid : UndefinedUid);
        }
        path = result;
        return true;
    }

    /// <summary>True when <paramref name="name"/> may be one element of a path: letters, digits and <c>-_.:$()+@=!,;'~&amp;</c> of ASCII.</summary>
    public static bool IsValidElement(string? name)
    {
        if (string.IsNullOrEmpty(name)) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !AllowedPunctuation.Contains(c, StringComparison.Ordinal)) return false;
        }
        return name is not ("." or "..");
    }

    /// <summary>The elements only: <c>/user/a/b</c>.</summary>
    public string ToStringWithoutAddress()
    {
        if (Parent is null) return "/";
        var text = new StringBuilder();
        foreach (var element in Elements) text.Append('/').Append(element);
        return text.ToString();
    }

    /// <summary>Path with uid, as it goes over the wire or into a store. <paramref name="own"/> replaces an address without server.</summary>
    public string ToSerializationFormat(Address? own = null)
    {
        var address = Address.IsGlobal || own is null ? Address : own;
        var text = address + ToStringWithoutAddress();
        return Uid == UndefinedUid ? text : string.Create(CultureInfo.InvariantCulture, $"{text}#{Uid}");
    }

    /// <inheritdoc />
    public override string ToString() => Address + ToStringWithoutAddress();

    /// <inheritdoc />
    public bool Equals(ActorPath? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || other._hash != _hash || other.Depth != Depth) return false;
        ActorPath? a = this, b = other;
        while (a.Parent is not null)
        {
            if (ReferenceEquals(a, b)) return true;
            if (a.Name != b.Name) return false;
            a = a.Parent;
            b = b.Parent!;
        }
        return a.Address == b.Address;
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    /// <inheritdoc />
    public override int GetHashCode() => _hash;

    /// <inheritdoc />
    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    private static bool TryParseAuthority(string text, [NotNullWhen(true)] out Address? address)
    {
        address = null;
        var at = text.IndexOf('@');
        var system = at < 0 ? text : text[..at];
        var server = at < 0 ? null : text[(at + 1)..];
        if (!IsValidElement(system) || system.Contains('@')) return false;
        if (server is not null && !IsValidServer(server)) return false;
        address = new Address(system, server);
        return true;
    }

    // Brackets are allowed so that an IPv6 literal can stand as a server name.
    private static bool IsValidServer(string server)
    {
        if (server.Length == 0) return false;
        foreach (var c in server)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':' or '[' or ']')) return false;
        }
        return true;
    }
}
