using ClusterActors.Actors;
using ClusterActors.Model;

namespace ClusterActors.Cluster.Wishes;

/// <summary>What the keeper of wishes stores.</summary>
public sealed record WishesWritten(ClusterWishes Wishes);

/// <summary>From the coordinator of the same server: store this copy. Answered with <see cref="WishesStored"/> once it is durable, also when a newer one was known.</summary>
public sealed record StoreWishes(ClusterWishes Wishes);

public sealed record WishesStored(ClusterWishes Wishes);

/// <summary>From nm: a peer reports this copy. Not answered.</summary>
public sealed record PeerWishes(ClusterWishes Wishes);

/// <summary>To nm: what is wanted now; sent after each change and once after recovery.</summary>
public sealed record WishesKnown(ClusterWishes Wishes);

/// <summary>What the keeper needs from the composition root.</summary>
/// <param name="Stretch">Hands the ratio in force to the guardian's settings; called after recovery and at each change.</param>
public sealed record WishKeeperSettings(Persistence.EventStore Store, IActorRef NodeManager, IActorRef Events, TimeProvider Time, Action<int> Stretch);
