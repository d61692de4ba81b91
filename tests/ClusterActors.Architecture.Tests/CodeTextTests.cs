namespace ClusterActors.Architecture.Tests;

public sealed class CodeTextTests
{
    [Theory]
    [InlineData("a(); // Thread.Sleep\nb();", "a();                \nb();")]
    [InlineData("x /* Console.\n */ y", "x            \n    y")]
    [InlineData("s = \"a\\\"Console.\" + z", "s =               + z")]
    [InlineData("c = '\"'; d", "c =    ; d")]
    [InlineData("v = @\"a\"\"b\\\" + k", "v =          + k")]
    [InlineData("r = \"\"\"\n Console. \"\n\"\"\"; t", "r =    \n           \n   ; t")]
    public void Comments_and_literals_must_become_blanks(string source, string expected) =>
        Assert.Equal(expected, CodeText.WithoutCommentsAndLiterals(source));
}
