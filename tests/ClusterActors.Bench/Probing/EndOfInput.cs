namespace ClusterActors.Bench.Probing;

/// <summary>Lets whoever started a program end it by closing its standard input: that also happens when the starter dies.</summary>
internal static class EndOfInput
{
    public static void Cancels(CancellationTokenSource end) => new Thread(() =>
    {
        while (Console.In.ReadLine() is not null)
        {
        }

        try
        {
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The time limit was faster than the end of input.
        }
    })
    { IsBackground = true, Name = "end of input" }.Start();
}
