using ClusterActors.Hocon;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration.Tests;

public sealed class ProblemTests
{
    /// <summary>One file with every kind of mistake; the expected report is read by people, so its wording is checked whole.</summary>
    [Fact]
    public void Bad_file_must_be_reported_whole_in_one_pass()
    {
        var result = ClusterConfigLoader.Parse(Golden.Case("bad.conf"), "cluster.conf", Sample.Options("server9"));
        Assert.Null(result.Config);
        Golden.AssertEqual("bad.expected", string.Join('\n', result.Problems));
    }

    /// <summary>The shape the product is heading for: only what this version does not have is refused, nothing else is complained about.</summary>
    [Fact]
    public void Future_file_must_only_be_refused_for_what_this_version_lacks()
    {
        var result = ClusterConfigLoader.Parse(Golden.Case("future.conf"), "cluster.conf", Sample.Options("server1"));
        Golden.AssertEqual("future.expected", string.Join('\n', result.Problems));
    }

    [Fact]
    public void Empty_file_must_say_what_is_needed()
    {
        var problems = Sample.Bind("").Problems.Select(p => p.ToString()).ToList();
        Assert.Contains(problems, p => p.StartsWith("cluster.conf:1: cluster.name is missing", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("cluster.conf:1: cluster.on-partition is missing; write on-partition = hold", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("cluster.conf:1: servers is missing or empty", StringComparison.Ordinal));
    }

    [Fact]
    public void Missing_file_must_be_a_problem()
    {
        var result = ClusterConfigLoader.Load("/etc/clp/none.conf", new MemoryConfigFiles(), Sample.Options());
        Assert.StartsWith("/etc/clp/none.conf: there is no such file", Assert.Single(result.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_must_name_the_included_file()
    {
        var files = new MemoryConfigFiles().With("/etc/clp/cluster.conf", Sample.Text + "\ninclude \"site.conf\"").With("/etc/clp/site.conf", "\ngroups.web.failbak = auto");
        var problem = Assert.Single(ClusterConfigLoader.Load("/etc/clp/cluster.conf", files, Sample.Options()).Problems);
        Assert.Equal("/etc/clp/site.conf:2: groups.web.failbak is not a known key; did you mean 'failback'?", problem.ToString());
    }

    [Theory]
    [InlineData("cluster.fence = nft, cluster.heartbeat.profile = fast", "S1 is broken: grant 275ms x 1.0002 + 600ms + 8ms of an nftables lease = 883.055ms, must be below timeout 300ms x 0.9998 = 299.94ms")]
    [InlineData("cluster.heartbeat { interval = 10ms, timeout = 80ms, grant = 75ms }", "S1 is broken: grant 75ms x 1.0002 + 10ms until the last program is dead = 85.015ms, must be below timeout 80ms")]
    [InlineData("cluster.heartbeat { interval = 10ms, timeout = 40ms }", "A1 is broken: interval 10ms + round trip 2ms + 2 x scheduling error 10ms + 2 lost beats x 10ms = 52ms, must be at most the grant 27.4ms")]
    [InlineData("cluster.heartbeat.grant = 300ms", "A1 is broken")]
    [InlineData("cluster.heartbeat { profile = instant, tolerated-losses = 4 }", "profile instant, fence auto): inequality A1 is broken")]
    [InlineData("cluster.heartbeat { interval = 100ms, timeout = 250ms }", "it must be at least three intervals, 300ms")]
    [InlineData("cluster.heartbeat { interval = 5ms, timeout = 600ms }, cluster.fence = nft", "leaves no time to run groups")]
    [InlineData("cluster.watchdog = /dev/watchdog, cluster.watchdog-timeout = 2s", "W1 is broken: watchdog timeout 2000ms, must be at least timeout 2000ms x 1.0002 = 2000.4ms")]
    [InlineData("cluster.watchdog = /dev/watchdog, cluster.watchdog-timeout = 2500ms", "watchdogs count whole seconds")]
    [InlineData("cluster.watchdog = watchdog0", "cluster.watchdog is 'watchdog0'; write the device's whole path")]
    [InlineData("cluster.heartbeat.interval = 100ms", "cluster.heartbeat.timeout is missing; own numbers need both")]
    [InlineData("cluster.heartbeat { profile = quick }", "must be one of default, fast, instant, manual-3.0")]
    [InlineData("cluster.on-partition = holt", "one of hold, take-over, ask-arbiters (did you mean 'hold'?)")]
    [InlineData("cluster.on-partition = null", "cluster.on-partition is null; write on-partition = hold")]
    [InlineData("cluster.journal.type = mysql", "one of sqlite, postgresql")]
    [InlineData("cluster.journal.type = postgresql", "cluster.journal.connection is missing; write connection = ")]
    [InlineData("cluster.journal { type = postgresql, connection = \"db1\" }", "cluster.journal.connection is no connection string")]
    [InlineData("cluster.journal.connection = \"Host=db1\"", "cluster.journal.connection is written, but cluster.journal.type is sqlite")]
    [InlineData("cluster.journal { type = postgresql, connection = \"Host=db1\", schema = \"Not So\" }", "it must be 1 to 63 small letters")]
    [InlineData("cluster.fence = none", "fence is 'kernel', but cluster.fence is none")]
    [InlineData("profiles.fast.timeout = 100ms", "profiles is part of the product")]
    [InlineData("alerts { }", "alerts is not available in this version")]
    [InlineData("server { }", "server is not a known key; did you mean 'servers'?")]
    [InlineData("cluster = 5", "cluster is '5'; it must be an object")]
    [InlineData("servers.Server1.addresses = [\"10.0.0.9\"]", "has the name of 'server1'")]
    [InlineData("servers.\"bad name\".addresses = [\"10.0.0.9\"]", "is no host name")]
    [InlineData("servers.server3.addresses = [\"10.5.0.3\"]", "server 'server3' shares no heartbeat network with 'server1'")]
    [InlineData("servers.server2.addresses = [\"10.0.0.2\", \"10.0.0.3\"]", "server 'server2' has 2 addresses in 10.0.0.0/24")]
    [InlineData("servers.server2.addresses = [\"10\"]", "holds '10', which is no IP address")]
    [InlineData("servers.server2.addresses = [\"127.0.0.1\"]", "by which no other server can reach")]
    [InlineData("heartbeats.two { type = lan, network = 10.0.0.128/25 }", "overlaps 10.0.0.0/24 of 'lan' (cluster.conf:6)")]
    [InlineData("heartbeats.two { type = lan, network = 10.7.0.0/24 }", "has no server; at least two servers need an address in it")]
    [InlineData("heartbeats.two { type = serial }", "heartbeats.two.type is 'serial'; it must be lan, disk or com")]
    [InlineData("heartbeats.two { type = disk }", "heartbeats.two.device is missing and heartbeats.two.devices names none for server1, server2; write device = an absolute path")]
    [InlineData("heartbeats.two { type = disk, devices { server1 = /dev/sdb1 } }", "names none for server2")]
    [InlineData("heartbeats.two { type = disk, device = /dev/sdb1, devices { server9 = /dev/sdb1 } }", "there is no server 'server9'")]
    [InlineData("heartbeats.two { type = disk, device = sdb1 }", "heartbeats.two.device is 'sdb1'; it must be an absolute path below /dev")]
    [InlineData("heartbeats.two { type = disk, device = /dev/sdb1, interval = 100ms }", "heartbeats.two.interval is 100ms; 200ms to 1m is allowed")]
    [InlineData("heartbeats.two { type = disk, device = /dev/sdb1, interval = 1s }", "it must be at most a third of the timeout 2s")]
    [InlineData("heartbeats.two { type = disk, device = /dev/sdb1, speed = 9600 }", "heartbeats.two.speed is for type com, this heartbeat is of type disk")]
    [InlineData("heartbeats.two { type = com, device = /dev/ttyS0, network = 10.9.0.0/24 }", "heartbeats.two.network is for type lan")]
    [InlineData("heartbeats.two { type = com, device = /dev/ttyS0, speed = 300 }", "it must be a whole number from 1200 to 4000000")]
    [InlineData("heartbeats.two { type = com, device = /dev/ttyS0 }, servers.server3.addresses = [\"10.0.0.3\"]", "a line between two servers, but the cluster has 3")]
    [InlineData("heartbeats.two { type = disk, device = /dev/sdb1 }, heartbeats.three { type = disk, device = /dev/sdb1 }", "uses /dev/sdb1 on 'server1', which heartbeat 'two'")]
    [InlineData("heartbeats = null", "heartbeats is missing or empty")]
    [InlineData("groups.other { servers = [server1], resources { address { type = fip, ip = 10.0.0.100/24 } } }", "which resource 'web.address' (cluster.conf:11) has too")]
    [InlineData("groups.web.resources.address.ip = 10.0.0.2/24", "which server 'server2' (cluster.conf:4) has too")]
    [InlineData("groups.web.resources.address.ip = 10.6.0.2/24", "which is on no heartbeat network (10.0.0.0/24)")]
    [InlineData("groups.web.resources.address.ip = null", "groups.web.resources.address.ip is null; a resource of type fip needs it")]
    [InlineData("groups.web.resources.address.probe = maybe", "probe is 'maybe'; it must be true or false")]
    [InlineData("groups.web.resources.program.start = []", "start is a list; it must be a text, or a list")]
    [InlineData("groups.web.resources.program.environment = [A]", "environment is a list; it must be an object of texts")]
    [InlineData("groups.web.resources.program.depends-on = [program]", "names the resource itself")]
    [InlineData("groups.web.resources { program.depends-on = [address], address.depends-on = [program] }", "depend on each other: address -> program -> address")]
    [InlineData("groups.web.both-activation-check = maybe", "groups.web.both-activation-check is 'maybe'; it must be one of off, on")]
    [InlineData("groups.web.wait-for = [web]", "names the group itself")]
    [InlineData("groups.web.wait-for = [wob]", "names 'wob', which is no group (did you mean 'web'?)")]
    [InlineData("groups.web.failover-threshold = 0", "a whole number from 1 to 1000")]
    [InlineData("groups.empty { servers = [server1] }", "groups.empty has no resources")]
    [InlineData("groups.\"a.b\" { servers = [server1], resources {} }", "group name 'a.b' cannot be used")]
    [InlineData("cluster.heartbeat { scheduling-error = null, grant = 5s }", "cluster.heartbeat.scheduling-error is null; give it a value, or remove it to have the default, 10ms")]
    [InlineData("definitions.x = null, heartbeats.lan.priority = ${definitions.x}", "heartbeats.lan.priority is null")]
    [InlineData("groups.web.failover = null", "groups.web.failover is null; give it a value, or remove it to have the default, auto")]
    [InlineData("cluster.heartbeat { tolerated-losses = 100 }", "cluster.conf:16: cluster.heartbeat (profile default, fence auto): inequality A1 is broken")]
    [InlineData("servers.server1.addresses = [\"010.0.0.1\"]", "holds '010.0.0.1', which is no IP address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"0x0a.0.1.1\"]", "holds '0x0a.0.1.1', which is no IP address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"[fd00::1]:80\"]", "holds '[fd00::1]:80', which is no IP address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"::ffff:10.0.0.2\"]", "holds '::ffff:10.0.0.2', which is no IP address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"fe80::1%eth0\"]", "holds 'fe80::1%eth0', which is no IP address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"fe80::1\"]", "holds fe80::1, a link-local address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"224.0.0.1\"]", "holds 224.0.0.1, a multicast, reserved or broadcast address")]
    [InlineData("servers.server1.addresses = [\"10.0.0.1\", \"10.78.2.3\"]", "server 'server1' has the address 10.78.2.3, which is on no heartbeat network (10.0.0.0/24)")]
    [InlineData("servers.server1.addresses = [\"10.0.0.255\"]", "server 'server1' has the address 10.0.0.255, which is the first or the last one of 10.0.0.0/24")]
    [InlineData("servers.server1.example { addresses = [\"10.0.0.1\"] }, servers.node.example.com { addresses = [\"10.0.0.3\"] }", "put a server name with dots into double quotes, \"node.example...\"")]
    [InlineData("heartbeats.lan.network = \"10.0.0.0/ 24\"", "heartbeats.lan.network is '10.0.0.0/ 24'; it must be an address and a prefix length")]
    [InlineData("heartbeats.lan = 5", "heartbeats.lan is '5'; it must be an object")]
    [InlineData("heartbeats.\"a b\" { type = lan, network = 10.1.0.0/24 }", "heartbeat name 'a b' cannot be used")]
    [InlineData("heartbeats.other { prority = 1 }", "heartbeats.other.prority is not a known key; did you mean 'priority'?")]
    [InlineData("heartbeats.shared { type = disk, device = \"/dev//sdb1\" }", "heartbeats.shared.device is '/dev//sdb1'; it must be an absolute path below /dev")]
    [InlineData("heartbeats.shared { type = disk, devices { server1 = /dev/sdb1, SERVER1 = /dev/sdc1, server2 = /dev/sdb1 } }", "heartbeats.shared.devices.SERVER1: server 'SERVER1' is there already")]
    [InlineData("groups.web.resources.address { ip = 10.0.0.255/24 }", "ip is 10.0.0.255/24, the first or the last address of its subnet")]
    [InlineData("groups.web.resources.address { ip = 224.0.0.5/4, device = eth0 }", "ip is 224.0.0.5; must be a unicast address")]
    [InlineData("groups.web.resources.address { ip = 169.254.1.1/16, device = eth0 }", "ip is 169.254.1.1; must be a unicast address")]
    [InlineData("groups.web.resources.address { ip = 10.9.9.100/24 }", "ip is 10.9.9.100, which is on no heartbeat network (10.0.0.0/24)")]
    [InlineData("groups.web.resources.address { device = \"this/is none\" }", "device is 'this/is none'; an interface name has 1 to 15 characters")]
    [InlineData("groups.web.resources.program.start = /bin/web --foreground", "a text is one path; write arguments in a list: start = [/bin/web, --foreground]")]
    [InlineData("groups.web.resources.program.environment { \"A=B\" = c }", "environment sets 'A=B'; the name of a variable is not empty and has no '='")]
    [InlineData("groups.web.resources.program.stop = [/bin/web, \"a\\u0000b\"]", "holds a character with the number 0")]
    [InlineData("groups.web.resources.program.depends-on = [address, address]", "names 'address' twice; remove one")]
    [InlineData("groups.web.resources.other { foo = 1 }", "groups.web.resources.other.foo is not a known key")]
    [InlineData("groups.web.resources.other { type = exex, stop-final-action = explode }", "groups.web.resources.other.stop-final-action is 'explode'")]
    [InlineData("groups.web.resources.other { restarts = abc }", "groups.web.resources.other.restarts is 'abc'")]
    public void Single_mistake_must_be_found(string more, string words) =>
        Assert.Contains(Sample.Problems(more), p => p.Contains(words, StringComparison.Ordinal) && p.StartsWith("cluster.conf:", StringComparison.Ordinal));

    [Theory]
    [InlineData(Third + "cluster.heartbeat { interval = 100ms, timeout = 450ms }", "A1 is broken: 2 x interval 100ms + round trip 2ms + 2 x scheduling error 10ms + 2 lost beats x 100ms = 422ms, must be at most the grant 431.25ms - 43.125ms for standing down = 388.125ms")]
    [InlineData(Third + "cluster.heartbeat.profile = instant", "A1 is broken: 2 x interval 10ms + round trip 2ms + 2 x scheduling error 10ms + 2 lost beats x 10ms = 62ms, must be at most the grant 65ms - 6.5ms for standing down = 58.5ms")]
    [InlineData(Witness + "cluster.heartbeat { interval = 100ms, timeout = 370ms }", "A2 is broken: interval 100ms + round trip to the arbiter 5ms + 2 x scheduling error 10ms + 2 lost beats x 100ms = 325ms, must be at most the grant 352.45ms - 35.245ms for standing down = 317.205ms")]
    [InlineData(Witness + "arbiters.third.round-trip = 1260ms", "must be at most the grant 1970ms - 100ms for standing down = 1870ms")]
    [InlineData(Witness + "arbiters.third.round-trip = 1500ms", "A2 is broken: interval 200ms + round trip to the arbiter 1500ms + 2 x scheduling error 10ms + 2 lost beats x 200ms = 2120ms, must be at most the grant 1970ms - 100ms for standing down = 1870ms")]
    [InlineData(Store + "cluster.heartbeat.profile = instant, arbiters.store.round-trip = 8ms", "A2 is broken: interval 50ms of the arbiter + one request lost, at least 8ms + 2 x round trip to the arbiter 8ms + 2 x scheduling error 10ms = 94ms, must be at most the grant 65ms - 6.5ms for standing down = 58.5ms")]
    [InlineData(Store + "arbiters.store.round-trip = 463ms", "A2 is broken: round trip 463ms to the arbiter, its interval being shorter, + one request lost, at least 463ms + 2 x round trip to the arbiter 463ms + 2 x scheduling error 10ms = 1872ms, must be at most the grant 1970ms - 100ms for standing down = 1870ms")]
    [InlineData(Store + "cluster.heartbeat.profile = fast, arbiters.store.round-trip = 57ms", "= 248ms, must be at most the grant 275ms - 27.5ms for standing down = 247.5ms")]
    [InlineData(Store + "arbiters.store { timeout = 60ms, round-trip = 70ms }", "A2 is broken: timeout 60ms of the arbiter must be at least its round trip 70ms")]
    [InlineData(Witness + "cluster { arbiter-lost-after = 1s }", "cluster.arbiter-lost-after is 1s; it must be at least the heartbeat timeout, 2s")]
    [InlineData(Witness + "cluster.on-partition = hold", "arbiter 'third' would never be asked, because cluster.on-partition is hold")]
    [InlineData(Witness + "cluster.on-partition = take-over", "arbiter 'third' would never be asked, because cluster.on-partition is take-over")]
    [InlineData(Witness + "servers.server3.addresses = [\"10.0.0.3\"]", "3 servers have a majority of their own, and one voter more would make an even number")]
    [InlineData(Witness + "arbiters.etcd { type = etcd, endpoints = [\"http://10.0.0.8:2379\"] }", "arbiter 'etcd' of type etcd votes, and so does 'third' of type witness (cluster.conf:16)")]
    [InlineData(Witness + "arbiters.third.addresses = [\"10.0.0.2\"]", "holds 10.0.0.2, an address of server 'server2' (cluster.conf:4); a witness on a server dies with it")]
    [InlineData(Witness + "arbiters.third.addresses = []", "arbiters.third.addresses is empty; write at least one IP address")]
    [InlineData(Witness + "arbiters.third.addresses = null", "arbiters.third.addresses is null; write a list of IP addresses")]
    [InlineData(Witness + "arbiters.third.port = 0", "a whole number from 1 to 65535")]
    [InlineData(Witness + "arbiters.third.targets = []", "arbiters.third.targets is not a known key; allowed are addresses, port, round-trip, type")]
    [InlineData(Witness + "arbiters.third.type = majority", "three or more servers of an odd number decide by majority without being told")]
    [InlineData(Witness + "arbiters.third.type = witnes", "(did you mean 'witness'?)")]
    [InlineData(Witness + "arbiters.gate { type = ping, targets = [\"10.0.0.1\"] }", "says nothing about the network beyond; name a gateway")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = \"fence_x y\" }", "it must be the name of an agent without arguments, or an absolute path")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, per-server { sever1 { ip = a } } }", "names 'sever1', which is no server (did you mean 'server1'?)")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, per-server { server1 = a } }", "arbiters.power.per-server.server1 is 'a'; it must be an object of texts")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, options = [] }", "arbiters.power.options is a list; it must be an object of texts")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, levels { pdu { option { } } } }", "arbiters.power.levels.pdu.agent is missing")]
    [InlineData("cluster.on-partition = ask-arbiters", "2 servers without an arbiter have no majority when half of them lose sight of the other half")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.gate { type = ping, targets = [\"10.0.0.254\"] }", "ping is the only arbiter; it can forbid a takeover, never allow one")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.e { type = etcd, endpoints = [\"10.0.0.8:2379\"] }", "arbiters.e.endpoints holds '10.0.0.8:2379'; it must be a URL")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.e { type = etcd, endpoints = [\"http://10.0.0.8:2379\"], user = clp }", "arbiters.e.user and arbiters.e.password-file belong together")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.e { type = etcd, endpoints = [\"http://10.0.0.8:2379\"], key-file = /k }", "arbiters.e.certificate-file and arbiters.e.key-file belong together")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.p { type = postgresql, connection = \"Host=h\", table = \"a b\" }", "arbiters.p.table is 'a b'; it must be 1 to 63 letters, digits or '_'")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.p { type = postgresql }", "arbiters.p.connection is missing; write a connection string")]
    [InlineData("arbiter-types.ping.tries = 1", "arbiter-types is part of the product")]
    [InlineData("servers = null, servers.server1.addresses = [\"10.0.0.1\"], groups.web.servers = [server1], cluster.on-partition = ask-arbiters, arbiters.f { type = fence, agent = fence_x }", "there is one server, so there is nothing to decide; write on-partition = hold")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.p { type = postgresql, connection = garbage }", "arbiters.p.connection is no connection string")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, timeout = null }", "arbiters.power.timeout is null; give it a value")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, per-server { server1 { ip = a }, SERVER1 { ip = b } } }", "arbiters.power.per-server.SERVER1: server 'SERVER1' is there already")]
    [InlineData(Witness + "arbiters.power { type = fence, agent = fence_x, per-server { server1 { ip = null } } }", "arbiters.power.per-server.server1.ip is 'null'; it must be a text")]
    [InlineData(Witness + "arbiters.power { type = fence, levels { l { order = togther } } }", "arbiters.power.levels.l.order is 'togther'")]
    [InlineData(Witness + "arbiters.other { tries = 1, tires = 2 }", "arbiters.other.tires is not a known key; did you mean 'tries'?")]
    [InlineData(Witness + "arbiters.other { type = wittness }, cluster.on-partition = hold", "arbiter 'third' would never be asked")]
    [InlineData(Witness + "arbiters.third.addresses = [\"10.0.0.100\"]", "address.ip is 10.0.0.100, which arbiter 'third' (cluster.conf:17) has too")]
    [InlineData(Witness + "arbiters.\"a b\" { type = ping, targets = [\"10.0.0.254\"] }", "arbiter name 'a b' cannot be used")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.e { type = etcd, endpoints = [\"http://10.0.0.8:2379\", \"http://10.0.0.8:2379/\"] }", "arbiters.e.endpoints holds http://10.0.0.8:2379/ twice")]
    [InlineData("cluster.on-partition = ask-arbiters, arbiters.e { type = etcd, endpoints = [\"http://10.0.0.8:2379/?a=b\"] }", "with nothing behind the port")]
    public void Mistake_about_arbiters_must_be_found(string more, string words)
    {
        var problems = Sample.Problems(more);
        Assert.True(problems.Any(p => p.Contains(words, StringComparison.Ordinal)), string.Join('\n', problems));
        Assert.All(problems, p => Assert.StartsWith("cluster.conf:", p, StringComparison.Ordinal));
    }

    /// <summary>What is not said has its default: a null that takes it away would leave nobody knows what in force, such as a grant that outlives the timeout.</summary>
    [Fact]
    public void Null_for_a_key_with_a_default_must_be_refused_or_change_nothing()
    {
        var good = Sample.Text + "\ncluster.watchdog = /dev/watchdog";
        var hash = Sample.Bind(good).Config!.Hash;
        var keys = Defaults(Reference.Config.Root, "").Where(k => !k.StartsWith("profiles.", StringComparison.Ordinal) && !k.StartsWith("arbiter", StringComparison.Ordinal))
            .Select(k => k.Replace("servers.*", "servers.server1").Replace("heartbeats.*", "heartbeats.lan").Replace("groups.*", "groups.web").Replace("resources.*", "resources.program")).ToList();
        Assert.True(keys.Count > 20, $"{keys.Count} keys");
        Assert.All(keys, key =>
        {
            var result = Sample.Bind($"{good}\n{key} = null");
            Assert.True(result.Config?.Hash == hash || result.Problems.Any(p => p.ToString().Contains($"{key} is null", StringComparison.Ordinal)), key);
        });
    }

    private static IEnumerable<string> Defaults(ConfigObject values, string above) => values.Fields.SelectMany(f => f.Value switch
    {
        ConfigObject below => Defaults(below, $"{above}{f.Key}."),
        { Kind: ConfigValueKind.Null } => [],
        _ => [$"{above}{f.Key}"],
    });

    [Fact]
    public void Broadcast_address_must_be_told_of_its_own_network_only()
    {
        var problems = Sample.Problems("servers { server1.addresses = [\"10.0.0.1\", \"10.1.0.255\"], server2.addresses = [\"10.0.0.2\", \"10.1.0.2\"] }, heartbeats.other { type = lan, network = 10.1.0.0/24 }");
        Assert.Contains("the first or the last one of 10.1.0.0/24", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_host_name_must_not_pass_for_any() =>
        Assert.Contains("this host is named ''", Assert.Single(Sample.Bind(Sample.Text, "").Problems).ToString(), StringComparison.Ordinal);

    private const string Third = "cluster.on-partition = ask-arbiters, servers.server3.addresses = [\"10.0.0.3\"]\n";
    private const string Store = "cluster.on-partition = ask-arbiters, arbiters.store { type = etcd, endpoints = [\"http://10.0.0.8:2379\"] }\n";
    private const string Witness = "cluster.on-partition = ask-arbiters, arbiters.third { type = witness, addresses = [\"10.0.0.9\"] }\n";

    [Theory]
    [InlineData("server1", true)]
    [InlineData("SERVER2", true)]
    [InlineData("server1.example.org", true)]
    [InlineData("sever1", false)]
    public void Host_name_must_be_one_of_the_servers(string host, bool isServer)
    {
        var result = Sample.Bind(Sample.Text, host);
        Assert.Equal(isServer, result.Self is not null);
        if (!isServer) Assert.Contains("this host is named 'sever1', but the servers are server1, server2 (did you mean 'server1'?)", Assert.Single(result.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Name_written_twice_must_be_refused_in_one_file_but_not_across_files()
    {
        Assert.Contains("cluster.conf:17: server 'server1' is written twice (first in line 3)", Assert.Single(Sample.Problems("\nservers { server1 { addresses = [\"10.0.0.1\"] } }")), StringComparison.Ordinal);
        var files = new MemoryConfigFiles().With("/c/cluster.conf", Sample.Text + "\ninclude \"o.conf\"").With("/c/o.conf", "servers { server1 { addresses = [\"10.0.0.1\"] } }");
        Assert.Empty(ClusterConfigLoader.Load("/c/cluster.conf", files, Sample.Options()).Problems);
    }

    [Fact]
    public void Resource_that_needs_proof_must_not_be_taken_over_on_silence()
    {
        var disk = new ResourceTypeDescription("proofdisk", "A disk.", ExclusionClass.Proof, 5, 0, 0, "none", []);
        var options = Sample.Options() with { ResourceTypes = [.. Sample.Options().ResourceTypes, disk] };
        string[] Problems(string more) =>
            [.. ClusterConfigLoader.Parse(Sample.Text + "\ngroups.web.resources.disk.type = proofdisk\n" + more, "cluster.conf", options).Problems.Select(p => p.ToString())];
        Assert.Contains("whose old copy nothing stops", Assert.Single(Problems("cluster.on-partition = take-over")), StringComparison.Ordinal);
        Assert.Empty(Problems("cluster.on-partition = hold"));
        Assert.Empty(Problems("cluster.on-partition = take-over, groups.web.failover = manual"));
    }

    [Theory]
    [InlineData("kill", 0)]
    [InlineData("proof", 1)]
    public void Program_that_works_with_what_outlives_it_must_be_declared_so(string excludedBy, int problems)
    {
        string[] found = [.. Sample.Problems($"cluster.on-partition = take-over, groups.web.resources.program.excluded-by = {excludedBy}")];
        Assert.Equal(problems, found.Count(p => p.Contains("groups.web.resources.program is a resource whose old copy nothing stops", StringComparison.Ordinal)));
    }

    [Fact]
    public void Check_of_the_type_itself_must_be_asked() =>
        Assert.Contains(Sample.Problems("groups.web.resources.address { ip = \"fe80::1/64\", device = eth0 }"), p => p.Contains("link-local address cannot float", StringComparison.Ordinal));

    [Theory]
    [InlineData("a:b b:c c:", "")]
    [InlineData("a:b b:a", "a>b")]
    [InlineData("x:a a:b b:c c:a", "a>b>c")]
    [InlineData("a:b b:a c:d d:c", "a>b c>d")]
    [InlineData("a:a", "a")]
    public void Cycles_must_be_found(string graph, string expected)
    {
        var needs = graph.Split(' ').Select(n => n.Split(':')).ToDictionary(n => n[0], n => (IReadOnlyList<string>)[.. n[1].Select(c => c.ToString())]);
        Assert.Equal(expected, string.Join(' ', Binding.Dependencies.Cycles(needs).Select(c => string.Join('>', c))));
    }
}
