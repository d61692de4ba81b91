namespace ClusterActors.Model.Tests.Planning;

/// <summary>Turns a list of numbers into choices. FsCheck shrinks the list, and with it whatever was built from the choices:
/// an exhausted list always chooses 0, so option 0 should be the plain one.</summary>
internal sealed class ChoiceStream(int[] numbers)
{
    private int _next;

    public int Below(int limit) => _next < numbers.Length ? (int)((uint)numbers[_next++] % (uint)limit) : 0;

    /// <summary>True once in <paramref name="often"/> times.</summary>
    public bool Rarely(int often) => Below(often) == often - 1;

    public T Of<T>(params ReadOnlySpan<T> options) => options[Below(options.Length)];
}
