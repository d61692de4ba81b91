namespace ClusterActors.Model.Events;

/// <summary>Where the number of an event comes from.</summary>
public enum EventOrigin
{
    /// <summary>The manuals' message list: number, level and routes are an interface and never change.</summary>
    Manual,

    /// <summary>A number in the range that later versions of the older product use for the same subject.</summary>
    Later,

    /// <summary>This product's own module <c>ca</c>.</summary>
    Own,
}
