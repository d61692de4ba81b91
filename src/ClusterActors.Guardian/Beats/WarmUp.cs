using System.Reflection;
using System.Runtime.CompilerServices;
using ClusterActors.Guardian.Beats.Devices;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Voting;

namespace ClusterActors.Guardian.Beats;

/// <summary>Compiles every method the beat path can reach before the first beat, so that none of them is compiled while a beat is due.</summary>
internal static class WarmUp
{
    private static readonly Type[] Types =
    [
        typeof(HeartbeatEngine), typeof(NoteQueue), typeof(LatencyHistogram), typeof(BeatCodec), typeof(WitnessCodec), typeof(WitnessChannel), typeof(FenceLease), typeof(BeatLoop), typeof(BeatPass), typeof(LateBeats), typeof(BeatChannels),
        typeof(DeviceChannel), typeof(BeatInbox), typeof(BeatOutbox),
        typeof(UdpBeatSocket), typeof(PollSet), typeof(EventFd), typeof(KillTimer), typeof(BootClock), typeof(KernelBootClock),
        typeof(EngineStatus), typeof(NativeEndpoint),
    ];

    public static void Compile(params Type[] more) => Compile(Types.Concat(more));

    /// <summary>
    /// Compiles all of our own code on a thread below the others, so that the first takeover does not pay for it (20 to 40 ms where the
    /// program was not compiled ahead).
    /// </summary>
    public static void CompileAllInBackground(SchedulingPolicy policy, int priority)
    {
        Assembly[] assemblies = [typeof(WarmUp).Assembly, typeof(HeartbeatEngine).Assembly, typeof(UdpBeatSocket).Assembly];
        IEnumerable<Type> model = typeof(GuardianFrame).Assembly.GetTypes().Where(t => t.Namespace == typeof(GuardianFrame).Namespace);
        new RealtimeThread("clp-warm", policy, priority, () => Compile(assemblies.SelectMany(a => a.GetTypes()).Concat(model))).Start();
    }

    private static void Compile(IEnumerable<Type> types)
    {
        foreach (Type type in types.Where(t => !t.ContainsGenericParameters && !t.IsAssignableTo(typeof(Delegate))))
        {
            const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (MethodBase method in type.GetMethods(all).Concat<MethodBase>(type.GetConstructors(all)))
            {
                bool compiled = (method.GetMethodImplementationFlags() & (MethodImplAttributes.Runtime | MethodImplAttributes.InternalCall)) == 0;
                if (compiled && !method.IsAbstract && !method.ContainsGenericParameters && (method.Attributes & MethodAttributes.PinvokeImpl) == 0)
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
