using ClusterActors.Arbiters.PostgreSql;
using ClusterActors.Model.Arbiters;
using Npgsql;

namespace ClusterActors.Arbiters.Tests.Stores;

public sealed class PostgreSqlVoteStoreTests(PostgreSqlServer server) : VoteStoreContract, IClassFixture<PostgreSqlServer>
{
    private static readonly CancellationToken Never = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lost_connection_must_be_made_anew()
    {
        await using var store = await OpenAsync(Guid.NewGuid());
        var first = await store.ExchangeAsync(null, Never);
        await using var administrator = new NpgsqlConnection(server.Connection);
        await administrator.OpenAsync(Never);
        await using var kill = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ClusterActors'", administrator);
        await kill.ExecuteNonQueryAsync(Never);
        Assert.NotNull((await store.ExchangeAsync(null, Never)).Problem);
        Assert.Equal(first.Stamp, (await store.ExchangeAsync(null, Never)).Stamp);
    }

    [Fact]
    public async Task Exchange_must_end_in_time_while_another_holds_the_row()
    {
        var cluster = Guid.NewGuid();
        await using var store = new PostgreSqlVoteStore("pg", new PostgreSqlOptions(server.Connection, "clp_votes", cluster, TimeSpan.FromSeconds(1)), TimeProvider.System);
        Assert.Null((await store.ExchangeAsync(null, Never)).Problem);
        await using var other = new NpgsqlConnection(server.Connection);
        await other.OpenAsync(Never);
        await using (var transaction = await other.BeginTransactionAsync(Never))
        {
            await using var hold = new NpgsqlCommand("SELECT 1 FROM clp_votes WHERE cluster = $1 FOR UPDATE", other) { Parameters = { new() { Value = cluster } } };
            await hold.ExecuteNonQueryAsync(Never);
            Assert.Contains("no answer within 1000 ms", (await store.ExchangeAsync(null, Never)).Problem, StringComparison.Ordinal);
        }

        Assert.Null((await store.ExchangeAsync(null, Never)).Problem);
    }

    [Fact]
    public async Task Name_of_the_table_must_be_taken_as_a_name()
    {
        await using var store = server.Open(Guid.NewGuid(), "public.odd \"name; x");
        Assert.Null((await store.ExchangeAsync(null, Never)).Problem);
    }

    [Fact]
    public async Task Server_that_cannot_be_reached_must_be_an_answer_and_no_exception()
    {
        await using var store = new PostgreSqlVoteStore(
            "pg", new PostgreSqlOptions($"Host=127.0.0.1;Port={ServerProcess.FreePort()}", "t", Guid.NewGuid(), TimeSpan.FromSeconds(5)), TimeProvider.System);
        Assert.NotNull((await store.ExchangeAsync(null, Never)).Problem);
    }

    protected override ValueTask<IVoteStore> OpenAsync(Guid cluster) => ValueTask.FromResult<IVoteStore>(server.Open(cluster));
}
