using System.Net;
using System.Net.Sockets;
using ClusterActors.Arbiters.Etcd;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Tests.Stores;

public sealed class EtcdVoteStoreTests(EtcdServer server) : VoteStoreContract, IClassFixture<EtcdServer>
{
    private static readonly StoreChange Put = new(new Dictionary<string, long> { ["a"] = 0 }, new Dictionary<string, string> { ["a"] = "1" });

    [Fact]
    public async Task Member_that_refuses_connections_must_be_followed_by_the_next()
    {
        SkipWithoutServer();
        var nobody = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        await using var store = server.Open(Guid.NewGuid(), [nobody, server.Endpoint]);
        var answer = await store.ExchangeAsync(Put, TestContext.Current.CancellationToken);
        Assert.True(answer.Applied, answer.Problem);
    }

    [Fact]
    public async Task Change_must_not_be_sent_to_the_next_member_when_the_first_may_have_got_it()
    {
        SkipWithoutServer();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var cluster = Guid.NewGuid();
        await using var store = new EtcdVoteStore(
            "etcd", new EtcdOptions([new Uri($"http://{silent.LocalEndpoint}"), server.Endpoint], "/clusteractors", cluster, TimeSpan.FromMilliseconds(200)), TimeProvider.System);
        var answer = await store.ExchangeAsync(Put, TestContext.Current.CancellationToken);
        Assert.Contains("no answer within 200 ms", answer.Problem, StringComparison.Ordinal);
        await using var reader = server.Open(cluster, [server.Endpoint]);
        Assert.Empty((await reader.ExchangeAsync(null, TestContext.Current.CancellationToken)).Entries);
    }

    [Fact]
    public async Task Exchange_after_a_silent_member_must_go_to_the_next()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var member = new HttpListener();
        var address = $"http://127.0.0.1:{ServerProcess.FreePort()}/";
        member.Prefixes.Add(address);
        member.Start();
        var answered = AnswerOnceAsync(member);
        await using var store = new EtcdVoteStore(
            "etcd", new EtcdOptions([new Uri($"http://{silent.LocalEndpoint}"), new Uri(address)], "/clusteractors", Guid.NewGuid(), TimeSpan.FromMilliseconds(300)), TimeProvider.System);
        Assert.NotNull((await store.ExchangeAsync(Put, TestContext.Current.CancellationToken)).Problem);
        // That it is asked tells; how soon a busy machine answers does not matter.
        await store.ExchangeAsync(Put, TestContext.Current.CancellationToken);
        await answered.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Dead_member_must_be_an_answer_and_no_exception()
    {
        await using var store = server.Open(Guid.NewGuid(), [new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}")]);
        Assert.NotNull((await store.ExchangeAsync(null, TestContext.Current.CancellationToken)).Problem);
    }

    [Fact]
    public void Answer_of_something_else_must_be_refused() =>
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => EtcdJson.Answer("clp/", """{"hello":"world"}""", true));

    private static async Task AnswerOnceAsync(HttpListener member)
    {
        var asked = await member.GetContextAsync();
        await asked.Response.OutputStream.WriteAsync("""{"header":{"cluster_id":"1","revision":"2"},"succeeded":true,"responses":[]}"""u8.ToArray());
        asked.Response.Close();
    }

    protected override ValueTask<IVoteStore> OpenAsync(Guid cluster)
    {
        SkipWithoutServer();
        return ValueTask.FromResult<IVoteStore>(server.Open(cluster, [server.Endpoint]));
    }

    private void SkipWithoutServer() => Assert.SkipUnless(server.IsInstalled, "etcd is not installed; Debian package etcd-server");
}
