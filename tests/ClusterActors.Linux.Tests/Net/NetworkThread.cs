using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Tests.Net;

/// <summary>A thread in a network namespace of its own. The namespace has no name, so it vanishes with the thread whatever happens to the test.</summary>
internal sealed partial class NetworkThread : IDisposable
{
    private const int NewNetworkNamespace = 0x40000000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public NetworkThread()
    {
        var ready = new TaskCompletionSource<string>();
        _thread = new Thread(() => Serve(ready)) { IsBackground = true, Name = "test network" };
        _thread.Start();
        if (!ready.Task.Wait(Bound)) throw new TimeoutException("the network thread did not start");
        NamespacePath = ready.Task.Result;
    }

    public string NamespacePath { get; }

    public T Run<T>(Func<T> action)
    {
        var done = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try { done.SetResult(action()); }
            catch (Exception failure) { done.SetException(failure); }
        });
        try
        {
            if (!done.Task.Wait(Bound)) throw new TimeoutException("the network thread did not answer");
        }
        catch (AggregateException failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure.InnerException!);
        }
        return done.Task.Result;
    }

    public void Run(Action action) => Run(() => { action(); return 0; });

    /// <summary>Runs a program in the namespace and returns what it printed.</summary>
    public string Command(string program, params string[] arguments) => Run(() => Start(program, arguments));

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join(Bound);
        _work.Dispose();
    }

    internal static string Start(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
    }

    private void Serve(TaskCompletionSource<string> ready)
    {
        if (Unshare(NewNetworkNamespace) != 0)
        {
            ready.SetException(new InvalidOperationException($"unshare: {Marshal.GetLastPInvokeErrorMessage()}"));
            return;
        }
        ready.SetResult($"/proc/{Environment.ProcessId}/task/{GetTid()}/ns/net");
        foreach (var action in _work.GetConsumingEnumerable()) action();
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetTid();
}
