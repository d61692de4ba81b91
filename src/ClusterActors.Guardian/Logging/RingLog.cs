using System.Globalization;
using System.Text;
using ClusterActors.Guardian.Control;
using ClusterActors.Linux.Realtime;

namespace ClusterActors.Guardian.Logging;

/// <summary>
/// The guardian's log: lines go into a bounded ring and are written to file and standard error by a thread of ordinary priority, so a slow
/// disk or terminal never reaches the other threads. When the ring is full lines are dropped and their number is written instead.
/// Never called from the beat path: that reports by value notes.
/// </summary>
public sealed class RingLog : IGuardianLog, IDisposable
{
    private const int Capacity = 2048;
    private const long RotateBytes = 4 * 1024 * 1024;
    private readonly Queue<string> _lines = new(Capacity);
    private readonly string _path;
    private readonly TextWriter? _second;
    private readonly RealtimeThread _thread;
    private long _dropped;
    private bool _ending;

    /// <param name="path">Log file; turned over at 4 MiB, one older generation is kept.</param>
    /// <param name="second">Also written to, such as standard error; null for none.</param>
    public RingLog(string path, TextWriter? second)
    {
        _path = path;
        _second = second;
        _thread = new RealtimeThread("clp-log", SchedulingPolicy.Other, 0, Run);
        _thread.Start();
    }

    public void Info(string text) => Add("INFO", text);

    public void Warn(string text) => Add("WARN", text);

    public void Error(string text) => Add("ERROR", text);

    /// <summary>Writes what is waiting, within a second.</summary>
    public void Dispose()
    {
        lock (_lines)
        {
            _ending = true;
            Monitor.PulseAll(_lines);
        }

        _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Add(string level, string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{Now():yyyy-MM-dd HH:mm:ss.fff} {level,-5} {text}");
        lock (_lines)
        {
            if (_lines.Count == Capacity)
            {
                _dropped++;
                return;
            }

            _lines.Enqueue(line);
            Monitor.Pulse(_lines);
        }
    }

    // The wall clock, for people only.
    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    private void Run()
    {
        var batch = new StringBuilder();
        while (true)
        {
            bool end;
            lock (_lines)
            {
                while (_lines.Count == 0 && !_ending)
                    Monitor.Wait(_lines);
                while (_lines.TryDequeue(out string? line))
                    batch.AppendLine(line);
                if (_dropped > 0)
                    batch.AppendLine(CultureInfo.InvariantCulture, $"{Now():yyyy-MM-dd HH:mm:ss.fff} WARN  {_dropped} log lines were dropped: the log could not be written fast enough");
                _dropped = 0;
                end = _ending;
            }

            WriteOut(batch.ToString());
            batch.Clear();
            if (end)
                return;
        }
    }

    private void WriteOut(string text)
    {
        if (text.Length == 0)
            return;
        try
        {
            if (File.Exists(_path) && new FileInfo(_path).Length > RotateBytes)
                File.Move(_path, _path + ".1", overwrite: true);
            File.AppendAllText(_path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end the guardian; the second writer below still gets the lines.
        }

        _second?.Write(text);
    }
}
