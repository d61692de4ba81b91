namespace ClusterActors.Linux.Net.Nftables;

/// <summary>Which header a payload match counts from.</summary>
internal enum NftBase : uint
{
    Network = 1,
    Transport = 2,
}

/// <summary>Writes the expressions of one rule, in nft's order: load into register 1, then compare or look up.</summary>
internal sealed class NftRule(NetlinkWriter writer)
{
    public const uint MetaProtocol = 1;
    public const uint MetaFamily = 15;
    public const uint MetaTransport = 16;
    private const uint Register = 1;

    public NftRule MetaEquals(uint key, params byte[] value)
    {
        Expression("meta", () =>
        {
            writer.AttributeU32Big(1, Register);
            writer.AttributeU32Big(2, key);
        });
        return Equal(value);
    }

    /// <summary>The packet's destination is an address of this host (by the routing tables).</summary>
    public NftRule DestinationIsLocal()
    {
        Expression("fib", () =>
        {
            writer.AttributeU32Big(1, Register);
            writer.AttributeU32Big(2, 3); // result: address type
            writer.AttributeU32Big(3, 2); // of the destination
        });
        return Equal([2, 0, 0, 0]); // RTN_LOCAL, a host-order number in the register
    }

    public NftRule PayloadEquals(NftBase from, uint offset, params byte[] value)
    {
        Payload(from, offset, (uint)value.Length);
        return Equal(value);
    }

    public NftRule PayloadInSet(NftBase from, uint offset, uint length, string set)
    {
        Payload(from, offset, length);
        return Lookup(set, inverted: false);
    }

    /// <summary>Goes on only while no lease element is alive.</summary>
    public NftRule LeaseIsOver(string set)
    {
        Expression("meta", () =>
        {
            writer.AttributeU32Big(1, Register);
            writer.AttributeU32Big(2, MetaFamily);
        });
        return Lookup(set, inverted: true);
    }

    public NftRule NoTracking()
    {
        Expression("notrack", () => { });
        return this;
    }

    public void Verdict(int verdict) => Expression("immediate", () =>
    {
        writer.AttributeU32Big(1, 0);
        var data = writer.BeginNested(2);
        var nested = writer.BeginNested(2);
        writer.AttributeU32Big(1, (uint)verdict);
        writer.EndNested(nested);
        writer.EndNested(data);
    });

    private void Payload(NftBase from, uint offset, uint length) => Expression("payload", () =>
    {
        writer.AttributeU32Big(1, Register);
        writer.AttributeU32Big(2, (uint)from);
        writer.AttributeU32Big(3, offset);
        writer.AttributeU32Big(4, length);
    });

    private NftRule Equal(byte[] value)
    {
        Expression("cmp", () =>
        {
            writer.AttributeU32Big(1, Register);
            writer.AttributeU32Big(2, 0);
            var data = writer.BeginNested(3);
            writer.Attribute(1, value);
            writer.EndNested(data);
        });
        return this;
    }

    private NftRule Lookup(string set, bool inverted)
    {
        Expression("lookup", () =>
        {
            writer.AttributeText(1, set);
            writer.AttributeU32Big(2, Register);
            if (inverted) writer.AttributeU32Big(5, 1);
        });
        return this;
    }

    private void Expression(string name, Action data)
    {
        var element = writer.BeginNested(1);
        writer.AttributeText(1, name);
        var nested = writer.BeginNested(2);
        data();
        writer.EndNested(nested);
        writer.EndNested(element);
    }
}
