using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Events;

namespace ClusterActors.Node.Tests;

public sealed class JsonLinesEventSinkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clp-events").FullName;

    private string File => Path.Combine(_folder, "events.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Event_must_read_back_as_it_was_written()
    {
        var sink = new JsonLinesEventSink(File, Assert.Fail);
        var written = Event(1);
        sink.Write(written, EventCatalogue.Default.Find(written.Key)!);
        Assert.Equal(written, Assert.Single(sink.ReadTail(10)));
    }

    [Fact]
    public void Damaged_line_must_be_left_out_when_the_rest_is_read()
    {
        var sink = new JsonLinesEventSink(File, Assert.Fail);
        sink.Write(Event(1), EventCatalogue.Default.Find(Event(1).Key)!);
        System.IO.File.AppendAllText(File, "{\"eventId\":\"x\",\"mod\n");
        sink.Write(Event(2), EventCatalogue.Default.Find(Event(2).Key)!);
        Assert.Equal(["e1", "e2"], sink.ReadTail(10).Select(e => e.EventId));
    }

    [Fact]
    public void Loss_must_be_said_once_and_never_thrown_when_the_file_cannot_be_written()
    {
        var said = new List<string>();
        var sink = new JsonLinesEventSink(Path.Combine(_folder, "missing", "events.jsonl"), said.Add);
        sink.Write(Event(1), EventCatalogue.Default.Find(Event(1).Key)!);
        sink.Write(Event(2), EventCatalogue.Default.Find(Event(2).Key)!);
        Assert.Single(said);
    }

    private static ClusterEvent Event(int number) => ClusterEvent.From(
        NmEvents.ServerUp("server1"), EventCatalogue.Default, $"e{number}", null,
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new ServerName("server2"), new Term(7, 1));
}
