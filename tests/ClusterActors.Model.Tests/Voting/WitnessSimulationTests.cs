using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Tests.Voting;

/// <summary>
/// A pair and its witness under a network that loses, delays, repeats and reorders without bound, with crashes of all three, a link between the servers that
/// comes and goes, and a witness store that is lost or set back. One seed decides everything. After each step: the two servers never hold a grant
/// in two terms at once.
/// </summary>
public sealed class WitnessSimulationTests
{
    [Fact]
    public void Two_servers_must_never_hold_the_grant_at_once()
    {
        int takeovers = 0;
        int grants = 0;
        for (int seed = 1; seed <= 1500; seed++)
        {
            var run = new Run(seed, setBack: seed % 3 == 0);
            run.Steps(600);
            takeovers += run.Takeovers;
            grants += run.Grants;
        }

        // A run in which nothing happens proves nothing.
        Assert.True(takeovers > 1000 && grants > 100_000, $"{takeovers} takeovers, {grants} grants");
    }

    /// <summary>The checker itself: with a voter that forgets its vows and its vote at each restart, and waits for nothing, it must find two owners.</summary>
    [Fact]
    public void Simulation_must_find_a_voter_without_start_wait()
    {
        for (int seed = 1; seed <= 1500; seed++)
        {
            try
            {
                new Run(seed, setBack: false) { ForgetsStartWait = true }.Steps(600);
            }
            catch (TwoOwnersException)
            {
                return;
            }
        }

        Assert.Fail("no seed found two owners");
    }

    private sealed class TwoOwnersException(string message) : Exception(message);

    private sealed class Server(int index)
    {
        public readonly int Index = index;
        public readonly Dictionary<ulong, (long SentAt, Term Term, int Candidacy)> Sent = [];
        public bool Up = true;
        public uint Life = 1;
        public ulong Sequence;
        public Term Term = new(1, 0);
        public Term Base;
        public uint Excluded;
        public Guid Store;
        public ulong Epoch;

        /// <summary>Number of the present candidacy, 0 = none; <see cref="Candidacies"/> counts them.</summary>
        public int Candidacy;
        public int Candidacies;
        public Term CandidateTerm;
        public ulong HighestNumber = 1;
        public long GrantUntil;
        public long SilentSince;
        public bool Registers;

        /// <summary>Does nothing until then; answers wait.</summary>
        public long FrozenUntil;

        /// <summary>Term for which this life promised to start nothing; a grant means nothing in it.</summary>
        public Term? CleanTerm;

        public bool IsClean => CleanTerm == Term;
    }

    private sealed class Run
    {
        private const long Millisecond = 1_000_000;
        private const uint Vow = 300;
        private const long Grant = 280;
        private readonly Random _random;
        private readonly bool _setBack;
        private readonly int _seed;
        private readonly Server[] _servers = [new(0), new(1)];
        private readonly List<(long At, WitnessRequest Request)> _toWitness = [];
        private readonly List<(long At, WitnessAnswer Answer)> _toServer = [];
        private readonly List<WitnessRecord> _history = [];
        private WitnessVoter _voter;
        private WitnessRecord _stored;
        private bool _witnessUp = true;
        private bool _linked = true;
        private long _now;

        public Run(int seed, bool setBack)
        {
            (_random, _seed, _setBack) = (new Random(seed), seed, setBack);
            _stored = new WitnessRecord { StoreId = Guid.NewGuid(), Term = new Term(1, 0) };
            _voter = new WitnessVoter(_stored, 2, continuous: false, 0);
            Store();
        }

        public bool ForgetsStartWait { get; init; }

        public int Takeovers { get; private set; }

        public int Grants { get; private set; }

        public void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                _now += _random.Next(1, 40);
                Deliver();
                Disturb();
                foreach (Server server in _servers)
                    Act(server);
                Check();
            }
        }

        private void Disturb()
        {
            int dice = _random.Next(1000);
            if (dice < 8)
                _linked = !_linked;
            else if (dice < 12)
                Crash(_servers[_random.Next(2)]);
            else if (dice < 30)
                Revive();
            else if (dice < 34)
                RestartWitness();
            else if (dice < 38)
                _witnessUp = !_witnessUp;
            else if (dice < 46)
                _servers[_random.Next(2)].FrozenUntil = _now + _random.Next(1500);
        }

        private void RestartWitness()
        {
            bool isBack = _setBack && _random.Next(3) == 0;
            WitnessRecord old = isBack ? _random.Next(4) == 0 ? new WitnessRecord { StoreId = Guid.NewGuid() } : _history[^_random.Next(1, Math.Min(4, _history.Count) + 1)] : _stored;
            bool continuous = !isBack && _random.Next(2) == 0;
            if (ForgetsStartWait)
                (old, continuous) = (old with { LargestVowMilliseconds = 0, Vote = default }, true);
            _voter = new WitnessVoter(old, 2, continuous, (ForgetsStartWait ? -100_000 : _now) * Millisecond);
            Store();
        }

        private void Store()
        {
            _stored = _voter.Record;
            _history.Add(_stored);
        }

        private static void Crash(Server server) => (server.Up, server.GrantUntil, server.Candidacy) = (false, 0, 0);

        private void Revive()
        {
            foreach (Server server in _servers.Where(s => !s.Up))
            {
                (server.Up, server.Life, server.Sequence, server.SilentSince, server.CleanTerm) = (true, server.Life + 1, 0, _now, server.Term);
                server.Sent.Clear();
            }
        }

        /// <summary>One pass of a server: the peer, the candidacy, the request to the witness.</summary>
        private void Act(Server server)
        {
            Server peer = _servers[1 - server.Index];
            if (!server.Up || server.FrozenUntil > _now)
                return;
            bool hears = _linked && peer.Up && peer.FrozenUntil <= _now;
            if (hears)
                Meet(server, peer);
            if (hears && peer.IsClean && peer.Term == server.Term && server.Candidacy == 0 && (server.Index == 0 || !server.IsClean))
                Adopt(server, new Term(server.HighestNumber + 1, server.Index), server.Term, 1u << peer.Index);
            server.HighestNumber = Math.Max(server.HighestNumber, server.Term.Number);
            server.Registers = hears && peer.Term == server.Term && server.Candidacy == 0 && peer.Candidacy == 0;
            if (server.Candidacy != 0 && _random.Next(40) == 0)
                server.Candidacy = 0;
            else if (server.Candidacy == 0 && !hears && _now - server.SilentSince >= Vow && _random.Next(3) == 0)
                (server.Candidacy, server.CandidateTerm) = (++server.Candidacies, new Term(server.HighestNumber + 1, server.Index));
            Send(server, peer);
        }

        private void Meet(Server server, Server peer)
        {
            server.HighestNumber = Math.Max(server.HighestNumber, peer.Term.Number);
            if (peer.Term > server.Term)
                Adopt(server, peer.Term, peer.Base, peer.Excluded);
            bool bothAnswer = server.Candidacy == 0 && peer.Candidacy == 0 && peer.Term == server.Term;
            if (!bothAnswer)
                return;
            (server.SilentSince, peer.SilentSince) = (_now, _now);
            server.GrantUntil = Math.Max(server.GrantUntil, _now + Grant);
        }

        private static void Adopt(Server server, Term term, Term from, uint excluded) =>
            (server.Term, server.Base, server.Excluded, server.GrantUntil, server.Candidacy) = (term, from, excluded, 0, 0);

        private void Send(Server server, Server peer)
        {
            server.Sequence++;
            server.Sent[server.Sequence] = (_now, server.Term, server.Candidacy);
            var request = new WitnessRequest
            {
                Sender = (byte)server.Index,
                ServerCount = 2,
                Flags = server.Registers ? WitnessRequestFlags.Register : 0,
                VowWantedMilliseconds = Vow,
                Incarnation = new Incarnation((ulong)server.Index + 1, server.Life),
                Sequence = server.Sequence,
                Term = server.Term,
                BaseTerm = server.Base,
                ExcludedServers = server.Excluded,
                KnownStoreId = server.Store,
                KnownEpoch = server.Epoch,
            };
            if (server.Candidacy != 0)
            {
                request.CandidateTerm = server.CandidateTerm;
                request.CandidateExcluded = 1u << peer.Index;
                request.CandidateProven = (peer.Up && !peer.IsClean) || _random.Next(2) == 0 ? 0 : 1u << peer.Index;
            }

            for (int copies = _random.Next(4) == 0 ? _random.Next(3) : 1; copies > 0; copies--)
                _toWitness.Add((_now + Delay(), request));
        }

        private long Delay() => _random.Next(12) == 0 ? _random.Next(1500) : _random.Next(30);

        private void Deliver()
        {
            foreach (var item in Due(_toWitness, m => m.At))
            {
                if (!_witnessUp)
                    continue;
                WitnessRequest request = item.Request;
                WitnessStep step = _voter.On(in request, _now * Millisecond, out WitnessAnswer answer);
                if (step == WitnessStep.StoreThenAnswer)
                    Store();
                if (step != WitnessStep.Ignore)
                    _toServer.Add((_now + Delay(), answer));
            }

            foreach (var item in Due(_toServer, m => Math.Max(m.At, _servers[m.Answer.Receiver].FrozenUntil)))
                Take(_servers[item.Answer.Receiver], item.Answer);
        }

        private List<T> Due<T>(List<T> messages, Func<T, long> at)
        {
            List<T> due = [.. messages.Where(m => at(m) <= _now).OrderBy(_ => _random.Next())];
            messages.RemoveAll(m => at(m) <= _now);
            return due;
        }

        private void Take(Server server, WitnessAnswer answer)
        {
            if (!server.Up || answer.Incarnation != new Incarnation((ulong)server.Index + 1, server.Life))
                return;
            server.HighestNumber = Math.Max(server.HighestNumber, Math.Max(answer.Term.Number, answer.VoteTerm.Number));
            if (answer.StoreId != server.Store)
            {
                if (server.Registers)
                    (server.Store, server.Epoch) = (answer.StoreId, answer.Epoch);
                return;
            }

            server.Epoch = server.Registers ? answer.Epoch : Math.Max(server.Epoch, answer.Epoch);
            (long sentAt, Term term, int candidacy) = server.Sent[answer.Sequence];
            if (answer.VowMilliseconds > 0 && term == server.Term)
            {
                server.GrantUntil = Math.Max(server.GrantUntil, sentAt + Grant);
                Grants++;
            }

            if (answer.Verdict == WitnessVerdict.Vote && candidacy == server.Candidacy && candidacy != 0 && answer.VoteTerm == server.CandidateTerm)
            {
                Adopt(server, server.CandidateTerm, server.Term, 1u << (1 - server.Index));
                server.HighestNumber = Math.Max(server.HighestNumber, server.Term.Number);
                Takeovers++;
            }
        }

        private void Check()
        {
            if (_servers.All(s => s.Up && !s.IsClean && s.GrantUntil > _now) && _servers[0].Term != _servers[1].Term)
                throw new TwoOwnersException($"seed {_seed}: at {_now} ms server 0 runs in {_servers[0].Term} until {_servers[0].GrantUntil}, server 1 in {_servers[1].Term} until {_servers[1].GrantUntil}");
        }
    }
}
