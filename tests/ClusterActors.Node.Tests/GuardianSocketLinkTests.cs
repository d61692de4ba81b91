using System.Net.Sockets;
using ClusterActors.Linux.Files;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Guardian;

namespace ClusterActors.Node.Tests;

public sealed class GuardianSocketLinkTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-link-").FullName;
    private readonly SignFile _sign;

    public GuardianSocketLinkTests() => _sign = SignFile.Create($"{_folder}/clpd.sign");

    /// <summary>By way of the task alone a later note would often be seen before the answer: its continuation runs on another thread.</summary>
    [Fact]
    public async Task Answers_must_be_handed_on_in_order_with_the_notes_around_them()
    {
        const int rounds = 200;
        var seen = new List<string>();
        using var listener = Listen();
        using var link = Link();
        link.OnNote(note => seen.Add(((StallReport)note).Sentence));
        link.Start();
        using var guardian = await listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        await Take(guardian);
        for (var round = 0; round < rounds; round++)
        {
            var name = $"answer {round}";
            var asked = link.AskAsync(new GetTable(), Patience, inOrder: reply => seen.Add(reply.Sentence));
            var id = await Take(guardian);
            guardian.Send(GuardianCodec.Encode(new StallReport(TimeSpan.Zero, false, $"before {round}"), 0));
            guardian.Send(GuardianCodec.Encode(new Reply(GuardianResult.Done, name, []), id));
            guardian.Send(GuardianCodec.Encode(new StallReport(TimeSpan.Zero, false, $"after {round}"), 0));
            Assert.Equal(name, (await asked).Sentence);
        }

        var last = link.AskAsync(new GetTable(), Patience);
        guardian.Send(GuardianCodec.Encode(new Reply(GuardianResult.Done, "end", []), await Take(guardian)));
        await last;
        Assert.Equal(Enumerable.Range(0, rounds).SelectMany(r => new[] { $"before {r}", $"answer {r}", $"after {r}" }), seen);
    }

    [Fact]
    public async Task Answer_must_not_be_handed_on_when_its_caller_no_longer_waits()
    {
        var late = false;
        using var listener = Listen();
        using var link = Link();
        link.Start();
        using var guardian = await listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        await Take(guardian);
        await Assert.ThrowsAsync<TimeoutException>(() => link.AskAsync(new GetTable(), TimeSpan.FromMilliseconds(1), inOrder: _ => late = true));
        guardian.Send(GuardianCodec.Encode(new Reply(GuardianResult.Done, "late", []), await Take(guardian)));
        var next = link.AskAsync(new GetTable(), Patience);
        guardian.Send(GuardianCodec.Encode(new Reply(GuardianResult.Done, "next", []), await Take(guardian)));
        Assert.Equal("next", (await next).Sentence);
        Assert.False(late);
    }

    public void Dispose()
    {
        _sign.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Sign_must_be_given_while_connected_and_cost_nothing_else_when_not()
    {
        using var listener = Listen();
        using var link = Link();
        link.GiveSign();
        Assert.Equal(0, _sign.Newest);
        link.Start();
        var guardian = await listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        await Take(guardian);
        var before = BootClock.NowNanoseconds();
        link.GiveSign();
        Assert.InRange(_sign.Newest, before, BootClock.NowNanoseconds());
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.OnLost = () => lost.TrySetResult();
        listener.Dispose();
        guardian.Dispose();
        await lost.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var last = _sign.Newest;
        link.GiveSign();
        Assert.Equal(last, _sign.Newest);
    }

    private GuardianSocketLink Link() => new($"{_folder}/guardian.sock", $"{_folder}/clpd.sign", "test", TimeProvider.System, static _ => { });

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"{_folder}/guardian.sock"));
        listener.Listen();
        return listener;
    }

    /// <summary>The id of the next request.</summary>
    private static async Task<ulong> Take(Socket guardian)
    {
        var buffer = new byte[GuardianCodec.MaxFrameSize];
        var size = await guardian.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        GuardianCodec.Decode(buffer.AsSpan(0, size), out var id);
        return id;
    }
}
