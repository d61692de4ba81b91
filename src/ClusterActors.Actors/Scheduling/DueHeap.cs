namespace ClusterActors.Actors;

/// <summary>Binary heap by (due time, order of insertion); removal from the middle in O(log n). Not thread-safe.</summary>
internal sealed class DueHeap
{
    private ScheduledItem[] _items = new ScheduledItem[16];
    private long _order;

    public int Count { get; private set; }

    public ScheduledItem? First => Count == 0 ? null : _items[0];

    public void Add(ScheduledItem item)
    {
        if (Count == _items.Length) Array.Resize(ref _items, Count * 2);
        item.Order = ++_order;
        Place(item, Count++);
        SiftUp(item.HeapIndex);
    }

    public bool Remove(ScheduledItem item)
    {
        var index = item.HeapIndex;
        if (index == ScheduledItem.NotQueued) return false;
        item.HeapIndex = ScheduledItem.NotQueued;
        var last = _items[--Count];
        _items[Count] = null!;
        if (!ReferenceEquals(last, item))
        {
            Place(last, index);
            SiftUp(index);
            SiftDown(last.HeapIndex);
        }
        return true;
    }

    private static bool Before(ScheduledItem a, ScheduledItem b) => a.Due < b.Due || (a.Due == b.Due && a.Order < b.Order);

    private void Place(ScheduledItem item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }

    private void SiftUp(int index)
    {
        var item = _items[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!Before(item, _items[parent])) break;
            Place(_items[parent], index);
            index = parent;
        }
        Place(item, index);
    }

    private void SiftDown(int index)
    {
        var item = _items[index];
        while (true)
        {
            var child = index * 2 + 1;
            if (child >= Count) break;
            if (child + 1 < Count && Before(_items[child + 1], _items[child])) child++;
            if (!Before(_items[child], item)) break;
            Place(_items[child], index);
            index = child;
        }
        Place(item, index);
    }
}
