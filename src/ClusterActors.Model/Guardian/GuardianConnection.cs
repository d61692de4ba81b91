using System.Collections.Concurrent;

namespace ClusterActors.Model.Guardian;

/// <summary>
/// The transport-free half of a guardian client: numbers requests, matches answers, hands notes on. The owner reads and writes whole
/// seqpacket messages and calls <see cref="Receive"/> from one thread; <see cref="Ask"/> may be called from any.
/// </summary>
/// <param name="send">Sends one message; throws when the connection is gone.</param>
/// <param name="onNote">Receives notes in order, on the thread that calls <see cref="Receive"/>.</param>
public sealed class GuardianConnection(Action<ReadOnlyMemory<byte>> send, Action<GuardianNote> onNote)
{
    /// <summary>Most requests waiting for an answer; one more is refused, since an answer that far behind means the guardian is stuck.</summary>
    public const int MaxPending = 256;

    private readonly ConcurrentDictionary<ulong, Waiting> _pending = new();
    private ulong _lastId;
    private volatile bool _closed;

    /// <summary>Sends a request and completes with its answer; faults with <see cref="IOException"/> when it could not be sent or the connection ends first.</summary>
    /// <param name="inOrder">
    /// Called with the answer on the thread that calls <see cref="Receive"/>, in order with the notes: what the guardian wrote before the
    /// answer has been handed on by then, what it wrote after has not. The task itself has no such order. Must return at once.
    /// </param>
    public Task<Reply> Ask(GuardianRequest request, Action<Reply>? inOrder = null)
    {
        if (_closed)
            return Task.FromException<Reply>(new IOException("guardian connection: closed before the request was sent"));
        if (_pending.Count >= MaxPending)
            return Task.FromException<Reply>(new IOException($"guardian connection: {MaxPending} requests are unanswered; the guardian is stuck or gone"));
        ulong id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = new Waiting(answer, inOrder);
        try
        {
            send(GuardianCodec.Encode(request, id));
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or GuardianFormatException or ObjectDisposedException)
        {
            _pending.TryRemove(id, out _);
            answer.TrySetException(e as IOException ?? new IOException($"guardian connection: the request was not sent: {e.Message}", e));
        }

        // A Close between the check above and the registration would otherwise leave this request waiting for ever.
        if (_closed && _pending.TryRemove(id, out _))
            answer.TrySetException(new IOException("guardian connection: ended before the answer"));
        return answer.Task;
    }

    /// <summary>Forgets a request whose caller no longer waits; a late answer is dropped.</summary>
    public void Forget(Task<Reply> answer)
    {
        foreach (KeyValuePair<ulong, Waiting> entry in _pending)
        {
            if (entry.Value.Answer.Task == answer)
                _pending.TryRemove(entry.Key, out _);
        }
    }

    /// <summary>One message arrived. Throws <see cref="GuardianFormatException"/> on a foreign or damaged one: the connection must then be closed.</summary>
    public void Receive(ReadOnlySpan<byte> message)
    {
        switch (GuardianCodec.Decode(message, out ulong id))
        {
            case Reply reply:
                if (_pending.TryRemove(id, out Waiting? waiting))
                {
                    waiting.InOrder?.Invoke(reply);
                    waiting.Answer.TrySetResult(reply);
                }

                break;
            case GuardianNote note:
                onNote(note);
                break;
            case GuardianFrame other:
                throw new GuardianFormatException($"guardian connection: a {other.Type} came from the guardian; only answers and notes are allowed");
        }
    }

    /// <summary>The connection is gone: every waiting request faults.</summary>
    public void Close(string reason)
    {
        _closed = true;
        foreach (ulong id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out Waiting? waiting))
                waiting.Answer.TrySetException(new IOException($"guardian connection: ended before the answer: {reason}"));
        }
    }

    private sealed record Waiting(TaskCompletionSource<Reply> Answer, Action<Reply>? InOrder);
}
