using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>Random freezes, restarts, losses and takeovers over one virtual clock; after every step the promises are checked.</summary>
public sealed class GrantPropertyTests
{
    /// <summary>
    /// With freezes and restarts but links that deliver, a kernel lease set to the grant's deadline never lets two servers run: the taker's term
    /// starts after the old owner's deadline (or after its higher-term note).
    /// </summary>
    [Fact]
    public void Two_servers_must_never_hold_overlapping_leases_when_links_deliver_and_servers_freeze_or_restart() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using EngineLab lab = new EngineLab().Formed();
            var random = new Random(seed);
            var lease = new long[2];
            var ownerTerm = new Term[2];
            for (int step = 0; step < 400; step++)
            {
                Act(lab, random);
                lab.Run(1 + random.Next(300));
                for (int i = 0; i < 2; i++)
                {
                    if (!lab[i].Running || lab[i].Frozen)
                        continue;
                    EngineLab.Node node = lab[i];
                    lease[i] = node.Engine.GrantDeadline;
                    ownerTerm[i] = node.Engine.Term;
                    Takeover(lab, i);
                    bool otherLives = lease[1 - i] > lab.Now && ownerTerm[1 - i] < node.Engine.Term && lab[1 - i].Frozen;
                    bool thisStarts = node.Engine.MayStart && (node.Engine.CurrentTerm.ExcludedServers & (1u << (1 - i))) != 0;
                    if (thisStarts && otherLives)
                        throw new InvalidOperationException($"seed {seed} step {step}: server {i} may start in {node.Engine.Term} while the frozen other still has a lease");
                }
            }
        }));

    /// <summary>Terms never go back at any server, over its own restarts included, and two different raisers never hold the same term.</summary>
    [Fact]
    public void Terms_must_only_grow_and_never_collide_when_anything_happens() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using EngineLab lab = new EngineLab(servers: 3).Formed();
            var random = new Random(seed);
            var last = new Term[3];
            for (int step = 0; step < 200; step++)
            {
                Act(lab, random);
                bool cut = random.Next(12) == 0;
                if (cut)
                {
                    int alone = random.Next(3);
                    lab.Link = (from, to, _) => from == alone || to == alone ? null : random.Next(10) == 0 ? null : random.Next(40) * EngineLab.Ms;
                }
                else if (random.Next(6) == 0)
                {
                    lab.Heal();
                }

                lab.Run(1 + random.Next(800));
                for (int i = 0; i < 3; i++)
                {
                    if (!lab[i].Running || lab[i].Frozen)
                        continue;
                    Takeover(lab, i);
                    Term term = lab[i].Engine.Term;
                    if (term < last[i])
                        throw new InvalidOperationException($"seed {seed} step {step}: server {i} went back from {last[i]} to {term}");
                    if (lab[i].Stored.Term < term)
                        throw new InvalidOperationException($"seed {seed} step {step}: server {i} uses {term} but stored {lab[i].Stored.Term}");
                    last[i] = term;
                }
            }
        }));

    private static void Act(EngineLab lab, Random random)
    {
        EngineLab.Node node = lab.Nodes[random.Next(lab.Nodes.Count)];
        switch (random.Next(14))
        {
            case 0 when node.Running && !node.Frozen:
                node.Freeze();
                break;
            case 1 or 2 or 3 when node.Running && node.Frozen:
                node.Thaw();
                break;
            case 4:
                node.Start();
                break;
            case 5 when node.Running && !node.Frozen && (node.Engine.Flags & GuardianFlags.Unclean) != 0:
            case 6 when node.Running && !node.Frozen && (node.Engine.Flags & GuardianFlags.Unclean) != 0:
                node.Engine.SetClean();
                break;
        }
    }

    private static void Takeover(EngineLab lab, int index)
    {
        HeartbeatEngine engine = lab[index].Engine;
        uint excluded = 0;
        for (int i = 0; i < lab.Nodes.Count; i++)
        {
            if (i != index && engine.MayExclude(i, lab.Now, confirmed: false))
                excluded |= 1u << i;
        }

        if (excluded != 0 && (engine.CurrentTerm.ExcludedServers != excluded || engine.Term.ServerIndex != index))
            lab[index].Raise(excluded);
    }
}
