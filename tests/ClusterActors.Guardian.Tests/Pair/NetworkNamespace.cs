using System.Runtime.InteropServices;

namespace ClusterActors.Guardian.Tests.Pair;

/// <summary>Makes things (sockets, mostly) inside a named network namespace; they stay in it wherever they are used.</summary>
internal static partial class NetworkNamespace
{
    private const int NetworkKind = 0x40000000;

    public static T Run<T>(string name, Func<T> make)
    {
        T? made = default;
        Exception? failure = null;

        // A thread of its own, since it never comes back from the namespace.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{name}");
                Assert.True(SetNamespace((int)handle.DangerousGetHandle(), NetworkKind) == 0, $"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                made = make();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(15)), $"nothing came back from namespace {name}");
        return failure is null ? made! : throw new InvalidOperationException($"in namespace {name}: {failure.Message}", failure);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
