using ClusterActors.Actors;
using ClusterActors.Persistence.Sqlite;
using ClusterActors.Persistence.Tests.Actors;
using ClusterActors.TestKit;

namespace ClusterActors.Persistence.Tests.Sqlite;

/// <summary>Persistent actors on the real store, with real threads and a real disk.</summary>
public sealed class SqliteActorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Actors_must_find_their_state_after_the_store_was_closed_and_opened()
    {
        foreach (var life in new[] { 1, 2 })
        {
            await using var sqlite = SqliteStore.Open(_directory.Journal, TimeProvider.System);
            var store = new EventStore(sqlite, sqlite, Notebook.Registry);
            using var kit = new TestKitBase(new RealDriver());
            var reports = kit.CreateTestProbe("reports");
            var books = Enumerable.Range(0, 20).Select(n => kit.ActorOf(Props.Create(() => new Notebook(store, $"book-{n}", reports.Ref)))).ToList();
            foreach (var text in Enumerable.Range(0, 25).Select(n => $"note:{life}.{n}"))
            {
                books.ForEach(book => book.Tell(text, reports.Ref));
            }

            var expected = string.Join(",", Enumerable.Range(1, life).SelectMany(l => Enumerable.Range(0, 25).Select(n => $"{l}.{n}")));
            foreach (var book in books)
            {
                Assert.Equal(expected, kit.Await(book.Ask<string>("get", TimeSpan.FromSeconds(10))));
            }
        }
    }

    public void Dispose() => _directory.Dispose();
}
