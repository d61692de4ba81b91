using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>
/// Random faults over one virtual clock against the promise of the vote: no two servers run groups in terms of which one voids the other's claims; and
/// after everything is healed a grant is held again.
/// </summary>
public sealed class VotePropertyTests
{
    private const long Ms = EngineLab.Ms;
    private const long KillDelay = 10 * Ms;

    [Theory]
    [InlineData(2, false, 1, 20)]
    [InlineData(2, true, 1001, 20)]
    [InlineData(3, false, 2001, 16)]
    [InlineData(4, false, 3001, 8)]
    [InlineData(5, false, 4001, 8)]
    [InlineData(5, true, 5001, 6)]
    public void Two_servers_must_never_run_in_terms_that_exclude_one_another(int servers, bool fast, int firstSeed, int seeds)
    {
        int takeovers = 0;
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            using EngineLab lab = (fast ? EngineLab.Voting(servers, 1, 50, 300, 275) : EngineLab.Voting(servers)).Formed();
            var run = new Run(lab, seed);
            run.Storm(120);
            run.Heal();
            takeovers += run.Takeovers;
        }

        Assert.True(takeovers > seeds, $"only {takeovers} takeovers in {seeds} runs: the storm is too weak or too strong to test anything");
    }

    private sealed class Run(EngineLab lab, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly long[] _runsUntil = new long[lab.Nodes.Count];
        private readonly Term[] _runsIn = new Term[lab.Nodes.Count];
        private readonly Term[] _startedIn = new Term[lab.Nodes.Count];
        private readonly HashSet<(int From, int To)> _cut = [];
        private readonly List<WitnessRecord> _stores = [];
        private readonly long[] _askedAt = new long[lab.Nodes.Count];
        private bool _healed;
        private int _lossPercent;
        private int _longestDelay = 1;
        private int _lostStates;

        public int Takeovers { get; private set; }

        public void Storm(int steps)
        {
            lab.Link = (from, to, _) =>
                _cut.Contains((from, to)) || _random.Next(100) < _lossPercent ? null : (1 + _random.Next(_longestDelay)) * Ms;
            for (int step = 0; step < steps; step++)
            {
                Disturb();
                Go(20 + _random.Next(600));
            }
        }

        /// <summary>Everything works again: within a bound a grant must be held and new starts be possible.</summary>
        public void Heal()
        {
            _cut.Clear();
            (_lossPercent, _longestDelay) = (0, 1);
            foreach (EngineLab.Node node in lab.Nodes)
            {
                if (node.Running && node.Frozen)
                    node.Thaw();
                else if (!node.Running)
                    Restart(node);
            }

            if (lab.Witness is { Running: false } witness)
                witness.Start(lab.Now);
            _healed = true;
            for (int i = 0; i < 20 && !Serves(); i++)
                Go(lab[0].Settings.Timeout.TotalMilliseconds);
            Assert.True(
                Serves(),
                $"seed {seed}: nobody may start after everything was healed:\n{string.Join("\n", lab.Nodes.Select(Describe))}");
        }

        private bool Serves() => lab.Nodes.Any(n => n.Engine.MayStart && n.Engine.Grant == GrantState.Held);

        private static string Describe(EngineLab.Node n) =>
            $"term {n.Engine.Term} grant {n.Engine.Grant} flags {n.Engine.Flags} voted {n.Engine.VotedTerm} candidate {n.Engine.CandidateTerm} witness {n.Engine.WitnessVerdict} refused '{n.LastRefusal}'";

        private void Go(double milliseconds)
        {
            long end = lab.Now + ((long)milliseconds * Ms);
            while (lab.Now < end)
            {
                lab.Run(Math.Min(10, Math.Max(1, (end - lab.Now) / Ms)));
                Check();
                int who = _healed ? 0 : _random.Next(lab.Nodes.Count);
                if (lab.Now < _askedAt[who] + (250 * Ms))
                    continue;
                _askedAt[who] = lab.Now;
                Drive(lab[who]);
            }
        }

        private void Disturb()
        {
            EngineLab.Node node = lab[_random.Next(lab.Nodes.Count)];
            switch (_random.Next(14))
            {
                case 0 when node.Running:
                    node.Freeze();
                    break;
                case 1 or 2 when node.Running && node.Frozen:
                    node.Thaw();
                    break;
                case 3:
                    Restart(node);
                    break;
                case 4 when _lostStates == 0 && _random.Next(3) == 0:
                    // One disk replaced in a run; a majority of voters that forgets is beyond what votes can bear.
                    _lostStates++;
                    node.Record = VotingRecord.Lost;
                    node.Stored = default;
                    Restart(node);
                    break;
                case 5:
                    int from = _random.Next(lab.Nodes.Count + 1);
                    int to = _random.Next(lab.Nodes.Count + 1);
                    _cut.Add((From(from), From(to)));
                    break;
                case 6:
                    Partition();
                    break;
                case 7 or 8 or 9:
                    _cut.Clear();
                    break;
                case 10:
                    _lossPercent = _random.Next(3) * 20;
                    break;
                case 11:
                    _longestDelay = _random.Next(4) switch { 0 => 800, 1 => 150, _ => 5 };
                    break;
                case 12 or 13 when lab.Witness is not null:
                    DisturbWitness(lab.Witness);
                    break;
            }
        }

        private int From(int index) => index == lab.Nodes.Count ? EngineLab.WitnessNode : index;

        private void Partition()
        {
            _cut.Clear();
            int side = _random.Next(1 << (lab.Nodes.Count + 1));
            for (int a = 0; a <= lab.Nodes.Count; a++)
            {
                for (int b = 0; b <= lab.Nodes.Count; b++)
                {
                    if (((side >> a) & 1) != ((side >> b) & 1))
                        _cut.Add((From(a), From(b)));
                }
            }
        }

        private void DisturbWitness(LabWitness witness)
        {
            _stores.Add(witness.Store);
            if (witness.Running)
                witness.Stop();
            else if (_random.Next(4) == 0 && _lostStates == 0)
            {
                _lostStates++;
                witness.Start(lab.Now, _stores[_random.Next(_stores.Count)]);
            }
            else if (_random.Next(5) == 0 && _lostStates == 0)
            {
                _lostStates++;
                witness.StartEmpty(lab.Now);
            }
            else
                witness.Start(lab.Now, continuous: _random.Next(2) == 0);
        }

        private void Restart(EngineLab.Node node)
        {
            node.Start();
            node.Engine.SetClean();
            _runsUntil[lab.Nodes.IndexOf(node)] = 0;
        }

        /// <summary>What a node daemon does: asks for a term when a server is gone, or when nothing may start here.</summary>
        private void Drive(EngineLab.Node node)
        {
            if (!node.Running || node.Frozen || node.Engine.CandidateTerm != Term.Zero)
                return;
            uint excluded = 0;
            for (int peer = 0; peer < lab.Nodes.Count; peer++)
            {
                if (peer != node.Settings.OwnIndex && node.StateOf(peer) is PeerState.Down or PeerState.Clean or PeerState.Unknown)
                    excluded |= 1u << peer;
            }

            bool needed = (excluded & ~node.Engine.CurrentTerm.ExcludedServers) != 0 || !node.Engine.MayStart;
            if (needed && node.Engine.Grant != GrantState.Expired)
                node.Raise(excluded);
        }

        private void Check()
        {
            for (int i = 0; i < lab.Nodes.Count; i++)
                Account(i);
            for (int i = 0; i < lab.Nodes.Count; i++)
            {
                for (int j = 0; j < lab.Nodes.Count; j++)
                {
                    bool both = i != j && _runsUntil[i] > lab.Now && _runsUntil[j] > lab.Now && _startedIn[j] == _runsIn[j] && _runsIn[i] < _runsIn[j];
                    Assert.False(
                        both && Voids(_runsIn[j], _runsIn[i], i),
                        $"seed {seed}, at {lab.Now / Ms} ms: server {i} runs in term {_runsIn[i]} until {_runsUntil[i] / Ms}, server {j} in term {_runsIn[j]} until {_runsUntil[j] / Ms}, which voids it");
                }
            }
        }

        /// <summary>A frozen server's programs run until the kernel ends them at the last deadline it was told.</summary>
        private void Account(int i)
        {
            EngineLab.Node node = lab[i];
            if (!node.Running || node.Frozen)
                return;
            HeartbeatEngine engine = node.Engine;
            _runsUntil[i] = engine.Grant == GrantState.Held ? engine.GrantDeadline + KillDelay : 0;
            if (_runsUntil[i] != 0 && _runsIn[i] != engine.Term && engine.CurrentTerm.ExcludedServers != 0 && engine.Term.ServerIndex == i)
                Takeovers++;
            _runsIn[i] = engine.Term;
            if (engine.MayStart)
                _startedIn[i] = engine.Term;
        }

        /// <summary>The chain of terms from <paramref name="higher"/> down to <paramref name="lower"/> excludes the server, or does not lead there.</summary>
        private bool Voids(Term higher, Term lower, int server)
        {
            Term term = higher;
            while (term > lower)
            {
                if (!lab.Terms.TryGetValue(term, out StoredTerm stored) || (stored.ExcludedServers & (1u << server)) != 0)
                    return true;
                term = stored.BaseTerm;
            }

            return term != lower;
        }
    }
}
