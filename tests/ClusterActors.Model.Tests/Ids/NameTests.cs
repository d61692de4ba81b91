namespace ClusterActors.Model.Tests.Ids;

public sealed class NameTests
{
    /// <summary>Those of strings differ from process to process, and with them the order in which sets of names are gone through.</summary>
    [Fact]
    public void Hash_codes_of_names_must_be_the_same_in_every_process()
    {
        Assert.Equal(unchecked((int)0x10202895), new GroupName("g1").GetHashCode());
        Assert.Equal(new GroupName("g1").GetHashCode(), new ResourceName("g1").GetHashCode());
        Assert.NotEqual(new GroupName("g1").GetHashCode(), new GroupName("g2").GetHashCode());
        Assert.NotEqual(
            new ResourcePath(new GroupName("a"), new ResourceName("b")).GetHashCode(), new ResourcePath(new GroupName("b"), new ResourceName("a")).GetHashCode());
        Assert.Equal(0, new GroupName(null!).GetHashCode() ^ new GroupName("").GetHashCode());
    }

    [Theory]
    [InlineData("server1", "SERVER1")]
    [InlineData("knoten-ä", "KNOTEN-Ä")]
    public void Server_names_that_are_equal_must_have_equal_hash_codes(string one, string other)
    {
        Assert.Equal(new ServerName(one), new ServerName(other));
        Assert.Equal(new ServerName(one).GetHashCode(), new ServerName(other).GetHashCode());
    }
}
