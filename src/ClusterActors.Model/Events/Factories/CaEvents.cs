namespace ClusterActors.Model.Events;

/// <summary>Events of this product itself (no number in the manuals), one factory for each entry of <c>hocon/messages/ca.conf</c>.
/// A test keeps names and parameters equal to the catalogue.</summary>
public static class CaEvents
{
    private const string Module = "ca";

    /// <summary>ca 1: node daemon gave no sign of life for {silence}; it is killed and started again</summary>
    public static EventDraft DaemonHung(string silence) => EventDraft.Of(Module, 1, ("silence", silence));

    /// <summary>ca 2: node daemon was started again ({count} of {limit} allowed): {reason}</summary>
    public static EventDraft DaemonRestarted(string count, string limit, string reason) =>
        EventDraft.Of(Module, 2, ("count", count), ("limit", limit), ("reason", reason));

    /// <summary>ca 3: the restarted node daemon took over what was running: {groups}</summary>
    public static EventDraft ProgramsAdopted(string groups) => EventDraft.Of(Module, 3, ("groups", groups));

    /// <summary>ca 4: node daemon failed {count} times within {window}; this server is made safe</summary>
    public static EventDraft DaemonGivenUp(string count, string window) => EventDraft.Of(Module, 4, ("count", count), ("window", window));

    /// <summary>ca 5: this server stood still for {duration}</summary>
    public static EventDraft OwnStall(string duration) => EventDraft.Of(Module, 5, ("duration", duration));

    /// <summary>ca 6: own beats ran {lateness} late (limit {limit})</summary>
    public static EventDraft BeatsLate(string lateness, string limit) =>
        EventDraft.Of(Module, 6, ("lateness", lateness), ("limit", limit));

    /// <summary>ca 7: configuration {hash} of {server} differs from {peer-hash} of {peer}; no automatic takeover</summary>
    public static EventDraft ConfigurationDiffers(string server, string hash, string peer, string peerHash) =>
        EventDraft.Of(Module, 7, ("server", server), ("hash", hash), ("peer", peer), ("peer-hash", peerHash));

    /// <summary>ca 8: all servers have configuration {hash} again</summary>
    public static EventDraft ConfigurationAgrees(string hash) => EventDraft.Of(Module, 8, ("hash", hash));

    /// <summary>ca 9: term is now {term}: {reason}</summary>
    public static EventDraft TermRaised(string term, string reason) => EventDraft.Of(Module, 9, ("term", term), ("reason", reason));

    /// <summary>ca 10: the vow to server {server} has run out; takeover in term {term} may begin</summary>
    public static EventDraft TakeoverAllowed(string server, string term) => EventDraft.Of(Module, 10, ("server", server), ("term", term));

    /// <summary>ca 11: group {group} is not taken over from silent server {server}: the policy is hold</summary>
    public static EventDraft TakeoverHeld(string group, string server) => EventDraft.Of(Module, 11, ("group", group), ("server", server));

    /// <summary>ca 12: start-up waits for {servers}, {remaining} left</summary>
    public static EventDraft StartupWaiting(string servers, string remaining) =>
        EventDraft.Of(Module, 12, ("servers", servers), ("remaining", remaining));

    /// <summary>ca 13: start-up wait is over: {reason}</summary>
    public static EventDraft StartupWaitOver(string reason) => EventDraft.Of(Module, 13, ("reason", reason));

    /// <summary>ca 14: {requester} let this server start alone: {reason}</summary>
    public static EventDraft StartedAlone(string requester, string reason) =>
        EventDraft.Of(Module, 14, ("requester", requester), ("reason", reason));

    /// <summary>ca 15: journal {journal} is damaged: {problem}</summary>
    public static EventDraft JournalDamaged(string journal, string problem) =>
        EventDraft.Of(Module, 15, ("journal", journal), ("problem", problem));

    /// <summary>ca 16: own journal ends at {own}, that of {server} at {peer}</summary>
    public static EventDraft JournalOlder(string server, string own, string peer) =>
        EventDraft.Of(Module, 16, ("server", server), ("own", own), ("peer", peer));

    /// <summary>ca 17: newer state was taken from server {server}</summary>
    public static EventDraft StateTaken(string server) => EventDraft.Of(Module, 17, ("server", server));

    /// <summary>ca 18: the right of this server to run groups ended: {reason}</summary>
    public static EventDraft GrantEnded(string reason) => EventDraft.Of(Module, 18, ("reason", reason));

    /// <summary>ca 19: address {address} is fenced by {kind}</summary>
    public static EventDraft FenceArmed(string address, string kind) => EventDraft.Of(Module, 19, ("address", address), ("kind", kind));

    /// <summary>ca 20: no fence for address {address}: {detail}</summary>
    public static EventDraft FenceMissing(string address, string detail) =>
        EventDraft.Of(Module, 20, ("address", address), ("detail", detail));

    /// <summary>ca 21: this server is made safe: {reason}</summary>
    public static EventDraft ServerMadeSafe(string reason) => EventDraft.Of(Module, 21, ("reason", reason));

    /// <summary>ca 22: server {server} says it is down and clean for term {term}</summary>
    public static EventDraft ServerClean(string server, string term) => EventDraft.Of(Module, 22, ("server", server), ("term", term));

    /// <summary>ca 23: server {server} decides for the cluster now</summary>
    public static EventDraft CoordinatorChanged(string server) => EventDraft.Of(Module, 23, ("server", server));

    /// <summary>ca 24: view of term {term}: {members}</summary>
    public static EventDraft ViewAgreed(string term, string members) => EventDraft.Of(Module, 24, ("term", term), ("members", members));

    /// <summary>ca 25: link to server {server} is up</summary>
    public static EventDraft LinkUp(string server) => EventDraft.Of(Module, 25, ("server", server));

    /// <summary>ca 26: link to server {server} is down: {reason}</summary>
    public static EventDraft LinkDown(string server, string reason) => EventDraft.Of(Module, 26, ("server", server), ("reason", reason));

    /// <summary>ca 27: message {kind} of server {server} was dropped: {reason}</summary>
    public static EventDraft MessageDropped(string server, string kind, string reason) =>
        EventDraft.Of(Module, 27, ("server", server), ("kind", kind), ("reason", reason));

    /// <summary>ca 28: real-time rights are not complete: {detail}</summary>
    public static EventDraft RightsMissing(string detail) => EventDraft.Of(Module, 28, ("detail", detail));

    /// <summary>ca 29: server {server} is suspected: beats on {resource} are late</summary>
    public static EventDraft ServerSuspected(string server, string resource) =>
        EventDraft.Of(Module, 29, ("server", server), ("resource", resource));

    /// <summary>ca 30: on {resource} server {to} does not hear {from}, the other way works</summary>
    public static EventDraft OneWayLoss(string from, string to, string resource) =>
        EventDraft.Of(Module, 30, ("from", from), ("to", to), ("resource", resource));

    /// <summary>ca 31: {requester}: {command} ({reason})</summary>
    public static EventDraft CommandDone(string requester, string command, string reason) =>
        EventDraft.Of(Module, 31, ("requester", requester), ("command", command), ("reason", reason));

    /// <summary>ca 32: {requester}: {command} was refused: {reason}</summary>
    public static EventDraft CommandRefused(string requester, string command, string reason) =>
        EventDraft.Of(Module, 32, ("requester", requester), ("command", command), ("reason", reason));

    /// <summary>ca 33: cluster {cluster} was created</summary>
    public static EventDraft ClusterCreated(string cluster) => EventDraft.Of(Module, 33, ("cluster", cluster));

    /// <summary>ca 34: server {server} joined the cluster</summary>
    public static EventDraft ServerJoined(string server) => EventDraft.Of(Module, 34, ("server", server));

    /// <summary>ca 35: program {resource} of group {group} ended ({status})</summary>
    public static EventDraft ProgramExited(string group, string resource, string status) =>
        EventDraft.Of(Module, 35, ("group", group), ("resource", resource), ("status", status));

    /// <summary>ca 36: program {resource} of group {group} was started again ({attempt} of {limit})</summary>
    public static EventDraft ProgramRestarted(string group, string resource, string attempt, string limit) =>
        EventDraft.Of(Module, 36, ("group", group), ("resource", resource), ("attempt", attempt), ("limit", limit));

    /// <summary>ca 37: group {group} stays in Online Failure: {reason}</summary>
    public static EventDraft GroupOnlineFailure(string group, string reason) =>
        EventDraft.Of(Module, 37, ("group", group), ("reason", reason));

    /// <summary>ca 38: program {resource} of group {group} was killed after {timeout}</summary>
    public static EventDraft ProgramKilled(string group, string resource, string timeout) =>
        EventDraft.Of(Module, 38, ("group", group), ("resource", resource), ("timeout", timeout));

    /// <summary>ca 39: address {address} is already used by {hardware}</summary>
    public static EventDraft AddressInUse(string address, string hardware) =>
        EventDraft.Of(Module, 39, ("address", address), ("hardware", hardware));

    /// <summary>ca 40: {hardware} announces address {address}, which belongs to this server</summary>
    public static EventDraft AddressRival(string address, string hardware) =>
        EventDraft.Of(Module, 40, ("address", address), ("hardware", hardware));

    /// <summary>ca 41: message of server {server} in term {term} was refused; the term is {own}</summary>
    public static EventDraft OldTermRefused(string server, string term, string own) =>
        EventDraft.Of(Module, 41, ("server", server), ("term", term), ("own", own));

    /// <summary>ca 42: all timeouts are stretched by {ratio} until {until}</summary>
    public static EventDraft TimeoutsStretched(string ratio, string until) =>
        EventDraft.Of(Module, 42, ("ratio", ratio), ("until", until));

    /// <summary>ca 43: timeouts are back to the configured values</summary>
    public static EventDraft TimeoutsNormal() => EventDraft.Of(Module, 43);

    /// <summary>ca 44: configuration version {version} ({hash}) is in force</summary>
    public static EventDraft ConfigurationApplied(string version, string hash) =>
        EventDraft.Of(Module, 44, ("version", version), ("hash", hash));

    /// <summary>ca 45: group {group} is not moved to server {server}: {reason}</summary>
    public static EventDraft MoveRefused(string group, string server, string reason) =>
        EventDraft.Of(Module, 45, ("group", group), ("server", server), ("reason", reason));

    /// <summary>ca 46: group {group} waits: {reason}</summary>
    public static EventDraft GroupWaits(string group, string reason) => EventDraft.Of(Module, 46, ("group", group), ("reason", reason));

    /// <summary>ca 47: node daemon lost the guardian: {detail}</summary>
    public static EventDraft GuardianLost(string detail) => EventDraft.Of(Module, 47, ("detail", detail));

    /// <summary>ca 48: certificate of server {server}: {detail}</summary>
    public static EventDraft CertificateProblem(string server, string detail) =>
        EventDraft.Of(Module, 48, ("server", server), ("detail", detail));

    /// <summary>ca 49: group {group} is not taken over from server {server}: {reason}</summary>
    public static EventDraft TakeoverRefused(string group, string server, string reason) =>
        EventDraft.Of(Module, 49, ("group", group), ("server", server), ("reason", reason));

    /// <summary>ca 50: server {server} could not stop group {group} and is unsafe</summary>
    public static EventDraft ServerUnsafe(string server, string group) => EventDraft.Of(Module, 50, ("server", server), ("group", group));

    /// <summary>ca 60: server {server} is on standby: {reason}</summary>
    public static EventDraft ServerStandby(string server, string reason) => EventDraft.Of(Module, 60, ("server", server), ("reason", reason));

    /// <summary>ca 61: server {server} is under maintenance: {reason}</summary>
    public static EventDraft ServerMaintenance(string server, string reason) => EventDraft.Of(Module, 61, ("server", server), ("reason", reason));

    /// <summary>ca 62: server {server} is back from standby or maintenance</summary>
    public static EventDraft ServerResumed(string server) => EventDraft.Of(Module, 62, ("server", server));

    /// <summary>ca 63: the cluster is suspended</summary>
    public static EventDraft ClusterSuspended() => EventDraft.Of(Module, 63);

    /// <summary>ca 64: the cluster is resumed</summary>
    public static EventDraft ClusterResumed() => EventDraft.Of(Module, 64);

    /// <summary>ca 70: the guardian refused the settings of this configuration: {reason}</summary>
    public static EventDraft SettingsRefused(string reason) => EventDraft.Of(Module, 70, ("reason", reason));

    /// <summary>ca 71: server {server} is being fenced by {arbiter}: {reason}</summary>
    public static EventDraft FenceBegan(string server, string arbiter, string reason) =>
        EventDraft.Of(Module, 71, ("server", server), ("arbiter", arbiter), ("reason", reason));

    /// <summary>ca 72: server {server} is off: {detail}</summary>
    public static EventDraft FenceSucceeded(string server, string detail) => EventDraft.Of(Module, 72, ("server", server), ("detail", detail));

    /// <summary>ca 73: server {server} could not be fenced: {detail}</summary>
    public static EventDraft FenceFailed(string server, string detail) => EventDraft.Of(Module, 73, ("server", server), ("detail", detail));

    /// <summary>ca 74: check of fence {arbiter} for server {server} failed: {detail}</summary>
    public static EventDraft FenceCheckFailed(string arbiter, string server, string detail) =>
        EventDraft.Of(Module, 74, ("arbiter", arbiter), ("server", server), ("detail", detail));

    /// <summary>ca 75: fence {arbiter} for server {server} works again</summary>
    public static EventDraft FenceCheckRecovered(string arbiter, string server) =>
        EventDraft.Of(Module, 75, ("arbiter", arbiter), ("server", server));

    /// <summary>ca 76: {requester} confirmed that server {server} is off: {reason}</summary>
    public static EventDraft ServerConfirmedOff(string requester, string server, string reason) =>
        EventDraft.Of(Module, 76, ("requester", requester), ("server", server), ("reason", reason));

    /// <summary>ca 77: vote store {arbiter} does not answer: {detail}</summary>
    public static EventDraft VoteStoreLost(string arbiter, string detail) => EventDraft.Of(Module, 77, ("arbiter", arbiter), ("detail", detail));

    /// <summary>ca 78: vote store {arbiter} answers again</summary>
    public static EventDraft VoteStoreAnswers(string arbiter) => EventDraft.Of(Module, 78, ("arbiter", arbiter));

    /// <summary>ca 79: vote store {arbiter} voted for this server in term {term}</summary>
    public static EventDraft VoteGiven(string arbiter, string term) => EventDraft.Of(Module, 79, ("arbiter", arbiter), ("term", term));

    /// <summary>ca 80: group {group} waits for proof that server {server} is off, because of resource {resource}</summary>
    public static EventDraft TakeoverNeedsProof(string group, string server, string resource) =>
        EventDraft.Of(Module, 80, ("group", group), ("server", server), ("resource", resource));

    /// <summary>ca 81: cluster.conf is not in force, the last good configuration is: {problem}</summary>
    public static EventDraft ConfigurationKept(string problem) => EventDraft.Of(Module, 81, ("problem", problem));

    /// <summary>ca 82: address {address} is on this server already, put there by somebody else: {detail}</summary>
    public static EventDraft AddressHereAlready(string address, string detail) =>
        EventDraft.Of(Module, 82, ("address", address), ("detail", detail));

    /// <summary>ca 83: the journal takes no writes: {problem}</summary>
    public static EventDraft JournalFails(string problem) => EventDraft.Of(Module, 83, ("problem", problem));

    /// <summary>ca 84: the journal takes writes again</summary>
    public static EventDraft JournalWorks() => EventDraft.Of(Module, 84);

    /// <summary>ca 85: actor {actor} of the daemon does not keep up: {detail}</summary>
    public static EventDraft ActorBehind(string actor, string detail) => EventDraft.Of(Module, 85, ("actor", actor), ("detail", detail));

    /// <summary>ca 86: actor {actor} of the daemon keeps up again</summary>
    public static EventDraft ActorKeepsUp(string actor) => EventDraft.Of(Module, 86, ("actor", actor));
}
