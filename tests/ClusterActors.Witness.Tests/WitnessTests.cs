using System.Net;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Voting;
using ClusterActors.Witness.Administration;
using ClusterActors.Witness.Serving;
using ClusterActors.Witness.Storage;

namespace ClusterActors.Witness.Tests;

public sealed class WitnessTests : IDisposable
{
    private static readonly Guid Boot = new("11111111-2222-3333-4444-555555555555");
    private static readonly WitnessClusterFile Pair = new("pair", new Guid("00112233-4455-6677-8899-aabbccddeeff"), 2, [.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
    private readonly string _root = Directory.CreateTempSubdirectory("clpwitness-").FullName;

    private WitnessPaths Paths => WitnessPaths.From(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // ---- store ----

    [Fact]
    public void Store_must_be_continuous_only_when_nothing_was_set_back_on_this_boot()
    {
        Paths.CreateFolders();
        WitnessRecord record;
        using (var store = RecordStore.Open(Paths, Pair.ClusterId, Boot))
        {
            Assert.False(store.IsContinuous);
            Assert.Contains("a new store begins", store.Finding, StringComparison.Ordinal);
            record = store.Found with { Epoch = 7, Term = new Term(3, 1) };
            store.Write(record);
        }

        var state = $"{Paths.State}/{Pair.ClusterId:N}.state";
        File.Copy(state, state + ".old");
        using (var store = RecordStore.Open(Paths, Pair.ClusterId, Boot))
        {
            Assert.True(store.IsContinuous);
            Assert.Null(store.Finding);
            Assert.Equal(record, store.Found);
            store.Write(record with { Epoch = 8 });
        }

        using (var otherBoot = RecordStore.Open(Paths, Pair.ClusterId, Guid.NewGuid()))
            Assert.False(otherBoot.IsContinuous);
        File.Copy(state + ".old", state, overwrite: true);
        using var setBack = RecordStore.Open(Paths, Pair.ClusterId, Boot);
        Assert.False(setBack.IsContinuous);
        Assert.Equal(record, setBack.Found);
    }

    [Fact]
    public void Damaged_store_must_be_kept_aside_and_a_new_one_begin()
    {
        Paths.CreateFolders();
        var state = $"{Paths.State}/{Pair.ClusterId:N}.state";
        Guid first;
        using (var store = RecordStore.Open(Paths, Pair.ClusterId, Boot))
        {
            first = store.Found.StoreId;
            store.Write(store.Found);
        }

        File.WriteAllBytes(state, new byte[8192]);
        using var again = RecordStore.Open(Paths, Pair.ClusterId, Boot);
        Assert.NotEqual(first, again.Found.StoreId);
        Assert.Contains("damaged", again.Finding, StringComparison.Ordinal);
        Assert.True(File.Exists(state + ".damaged"));
        Assert.False(again.IsContinuous);
    }

    // ---- socket loop ----

    [Fact]
    public void Service_must_answer_and_have_on_disk_what_it_answered()
    {
        using var lab = new Lab(Paths);
        Assert.Equal(WitnessVerdict.Unregistered, lab.Ask(lab.Request(0))!.Value.Verdict);
        var store = lab.Last.StoreId;
        lab.Ask(lab.Request(0, WitnessRequestFlags.Register, store));
        var answer = lab.Ask(lab.Request(1, WitnessRequestFlags.Register, store))!.Value;
        Assert.Equal((3u, store), (answer.Registered, answer.StoreId));
        var onDisk = WitnessRecordCodec.Decode(Linux.Files.TwoSlotFile.Read($"{Paths.State}/{Pair.ClusterId:N}.state"));
        Assert.Equal((answer.Epoch, 3u), (onDisk.Epoch, onDisk.Registered));
    }

    [Fact]
    public void Service_must_keep_silent_to_forged_and_unknown_datagrams_and_drop_a_flood_unread()
    {
        using var lab = new Lab(Paths);
        using var wrong = new WitnessCodec(Pair.ClusterId, new byte[32]);
        using var foreign = new WitnessCodec(Guid.NewGuid(), Pair.Key);
        lab.Send(wrong, lab.Request(0));
        lab.Send(foreign, lab.Request(0));
        Assert.NotNull(lab.Ask(lab.Request(0)));
        Assert.Equal((1L, 1L), lab.OnLoop(s => (s.Unknown, s.Clusters.Single().Forged)));
        for (var i = 0; i < 4 * ForgeryLimit.MostPerWindow && lab.OnLoop(s => s.Dropped) == 0; i++)
            lab.Send(wrong, lab.Request(0));
        Assert.True(lab.OnLoop(s => s.Dropped) > 0);
    }

    [Fact]
    public void Reload_must_take_new_files_keep_known_ones_and_forget_removed_ones()
    {
        using var lab = new Lab(Paths);
        var second = Pair with { Name = "second", ClusterId = Guid.NewGuid() };
        File.WriteAllText(Paths.ClusterFile("second"), second.Render());
        Assert.Empty(lab.OnLoop(s => s.Reload()));
        Assert.Equal(["pair", "second"], lab.OnLoop(s => s.Clusters.Select(c => c.File.Name).ToArray()));
        File.WriteAllText(Paths.ClusterFile("broken"), "name = x");
        File.Delete(Paths.ClusterFile("second"));
        Assert.Contains("version is missing", Assert.Single(lab.OnLoop(s => s.Reload())), StringComparison.Ordinal);
        Assert.Equal(2, lab.OnLoop(s => s.Clusters.Count()));
        File.Delete(Paths.ClusterFile("broken"));
        lab.OnLoop(s => s.Reload());
        Assert.Equal(["pair"], lab.OnLoop(s => s.Clusters.Select(c => c.File.Name).ToArray()));
        Assert.NotNull(lab.Ask(lab.Request(0)));
    }

    [Fact]
    public void Changed_number_of_servers_must_make_the_new_ones_register()
    {
        using var lab = new Lab(Paths);
        lab.Ask(lab.Request(0));
        var store = lab.Last.StoreId;
        lab.Ask(lab.Request(0, WitnessRequestFlags.Register, store));
        lab.Ask(lab.Request(1, WitnessRequestFlags.Register, store));
        File.WriteAllText(Paths.ClusterFile("pair"), (Pair with { Servers = 4 }).Render());
        lab.OnLoop(s => s.Reload());
        Assert.Equal(WitnessVerdict.ServerCount, lab.Ask(lab.Request(0))!.Value.Verdict);
        Assert.False(lab.OnLoop(s => s.Clusters.Single().Voter.IsRegistered));
    }

    [Fact]
    public void Measurement_must_name_its_percentiles() =>
        Assert.Matches(@"^300 requests over the loopback: p50 [0-9.]+ us, p99 [0-9.]+ us, longest [0-9.]+ us$", Measurement.Run(_root, Boot, 300));

    // ---- administration ----

    [Fact]
    public async Task Administration_must_show_the_state_and_register_by_hand()
    {
        using var lab = new Lab(Paths);
        lab.Ask(lab.Request(0));
        await using var host = await AdministrationHost.StartAsync(new AdministrationOptions(Paths.ControlSocket, [], null, "0123456789abcdef"u8.ToArray()), lab.Service, TimeProvider.System);
        using var client = new AdministrationClient(Paths, TimeProvider.System);
        var cluster = Assert.Single((await client.StatusAsync()).Clusters);
        Assert.Equal(("pair", false, "Unregistered"), (cluster.Name, cluster.IsRegistered, cluster.Servers[0].Answer));
        Assert.Contains("NOT REGISTERED", StatusText.Render(await client.StatusAsync()), StringComparison.Ordinal);
        Assert.False((await client.CommandAsync("/v1/clusters/pear/register")).Done);
        Assert.True((await client.CommandAsync("/v1/clusters/pair/register")).Done);
        Assert.True((await client.StatusAsync()).Clusters[0].IsRegistered);
        Assert.Equal(["1 clusters are served"], (await client.CommandAsync(AdministrationHost.ReloadRoute)).Sentences);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Paths.ControlSocket));
    }

    [Fact]
    public async Task Remote_administrator_must_send_the_token()
    {
        using var lab = new Lab(Paths);
        using var certificate = OwnCertificate.LoadOrMake(Paths, "witness", TimeProvider.System);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Paths.Certificate));
        var token = OwnCertificate.LoadOrMakeToken(Paths);
        var port = FreePort();
        await using var host = await AdministrationHost.StartAsync(new AdministrationOptions(Paths.ControlSocket, CommandLine.Parse(["--port", $"{port}"], null).Listen, certificate, token), lab.Service, TimeProvider.System);
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.RawData.AsSpan().SequenceEqual(certificate.RawData) };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{port}") };
        using var refused = await http.GetAsync(new Uri(AdministrationHost.StatusRoute, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", System.Text.Encoding.ASCII.GetString(token));
        Assert.Contains("\"pair\"", await http.GetStringAsync(new Uri(AdministrationHost.StatusRoute, UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // ---- files and words ----

    [Fact]
    public void Cluster_file_must_come_back_equal_and_keep_its_key_from_others()
    {
        var export = Path.Combine(_root, "export");
        File.WriteAllText(export, Pair.Render());
        var added = ClusterFiles.Add(Paths, export);
        var back = Assert.Single(ClusterFiles.Read(Paths).Files);
        Assert.Equal((Pair.Name, Pair.ClusterId, Pair.Servers), (back.Name, back.ClusterId, back.Servers));
        Assert.Equal(Pair.Key, added.Key);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Paths.ClusterFile("pair")));
    }

    [Theory]
    [InlineData("name = pair", "name = pa/ir", "f: name is 'pa/ir'; it must be 1 to 32 letters, digits, '-' or '_'")]
    [InlineData("servers = 2", "servers = 33", "f: servers is '33'; it must be a whole number from 1 to 32")]
    [InlineData("servers = 2", "", "f: servers is missing")]
    [InlineData("version = 1", "version = 2", "f: version is '2'; it must be 1")]
    [InlineData("key = 01", "key = 0", "f: key is malformed; it must be 64 hexadecimal digits")]
    [InlineData("servers = 2", "servers = 2\nservers = 2", "f:6: 'servers' is no new key = value")]
    [InlineData("servers = 2", "servers", "f:5: 'a line without =' is no new key = value")]
    public void Bad_cluster_file_must_say_where_and_what(string found, string replaced, string expected)
    {
        var text = Pair.Render().Replace(found, replaced, StringComparison.Ordinal);
        Assert.StartsWith(expected, Assert.Throws<FormatException>(() => WitnessClusterFile.Parse(text, "f")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "run", "")]
    [InlineData("run --listen 10.0.0.1 --port 5", "run", "")]
    [InlineData("cluster add /tmp/x", "cluster add", "/tmp/x")]
    [InlineData("register pair", "register", "pair")]
    [InlineData("status --json", "status", "")]
    public void Command_line_must_be_read(string text, string words, string operand)
    {
        var line = CommandLine.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), null);
        Assert.Equal((words, operand), (line.Words, line.Operand));
        if (text.Contains("--listen", StringComparison.Ordinal))
            Assert.Equal([new IPEndPoint(IPAddress.Parse("10.0.0.1"), 5)], line.Listen);
    }

    [Theory]
    [InlineData("clusters")]
    [InlineData("cluster add")]
    [InlineData("status now")]
    [InlineData("--port 0")]
    [InlineData("--listen here")]
    [InlineData("--what")]
    public void Wrong_command_line_must_be_refused(string text) => Assert.Throws<ArgumentException>(() => CommandLine.Parse(text.Split(' '), null));

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A service on the loopback with the pair's file, and a client.</summary>
    private sealed class Lab : IDisposable
    {
        private readonly Thread _loop;
        private readonly UdpBeatSocket _socket = new(new UdpBeatSocketOptions(new IPEndPoint(IPAddress.Loopback, 0)));
        private readonly WitnessCodec _codec = new(Pair.ClusterId, Pair.Key);
        private readonly NativeEndpoint _to;
        private ulong _sequence;

        public Lab(WitnessPaths paths)
        {
            paths.CreateFolders();
            File.WriteAllText(paths.ClusterFile(Pair.Name), Pair.Render());
            Service = new WitnessService(new WitnessOptions([new IPEndPoint(IPAddress.Loopback, 0)], paths, Boot), _ => { });
            _to = NativeEndpoint.From(new IPEndPoint(IPAddress.Loopback, Service.Port));
            _loop = new Thread(Service.Run) { IsBackground = true };
            _loop.Start();
        }

        public WitnessService Service { get; }

        public WitnessAnswer Last { get; private set; }

        public WitnessRequest Request(byte server, WitnessRequestFlags flags = 0, Guid store = default) => new()
        {
            Sender = server,
            ServerCount = 2,
            Flags = flags,
            VowWantedMilliseconds = 1000,
            Incarnation = new Incarnation((ulong)server + 1, 1),
            Sequence = ++_sequence,
            Term = new Term(1, 0),
            KnownStoreId = store,
        };

        public void Send(WitnessCodec codec, WitnessRequest request)
        {
            Span<byte> bytes = stackalloc byte[WitnessCodec.RequestSize];
            codec.Write(in request, bytes);
            Assert.Equal(0, _socket.Send(bytes, in _to));
        }

        /// <summary>The answer; null when none comes within two seconds.</summary>
        public WitnessAnswer? Ask(WitnessRequest request)
        {
            Send(_codec, request);
            using var poll = new PollSet(1);
            poll.Add(_socket.FileDescriptor);
            Span<byte> buffer = stackalloc byte[256];
            if (poll.WaitUntil(BootClock.NowNanoseconds() + 2_000_000_000) == 0 || !_socket.TryReceive(buffer, out var datagram))
                return null;
            Assert.Equal(WitnessRefusal.None, _codec.Read(buffer[..datagram.Length], request.Sender, out WitnessAnswer answer));
            Assert.Equal(request.Sequence, answer.Sequence);
            Last = answer;
            return answer;
        }

        public T OnLoop<T>(Func<WitnessService, T> function) => Service.AskAsync(function).GetAwaiter().GetResult();

        public void Dispose()
        {
            Service.End();
            _loop.Join();
            Service.Dispose();
            _socket.Dispose();
            _codec.Dispose();
        }
    }
}
