using ClusterActors.Cli.Screens;

namespace ClusterActors.Cli.Tests.Screens;

public sealed class LayoutTests
{
    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(0.04, "0.0")]
    [InlineData(0.06, "0.1")]
    [InlineData(2.34, "2.3")]
    [InlineData(9.94, "9.9")]
    [InlineData(9.96, "10.0")]
    [InlineData(10, "10")]
    [InlineData(12.6, "13")]
    [InlineData(3600.4, "3600")]
    public void Seconds_must_have_a_tenth_only_below_ten(double seconds, string expected) => Assert.Equal(expected, Layout.Seconds(seconds));
}
