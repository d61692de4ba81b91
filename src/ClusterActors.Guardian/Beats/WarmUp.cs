using System.Reflection;
using System.Runtime.CompilerServices;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Heartbeats.Lan;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Beats;

/// <summary>Compiles every method the beat path can reach before the first beat, so that none of them is compiled while a beat is due.</summary>
internal static class WarmUp
{
    private static readonly Type[] Types =
    [
        typeof(HeartbeatEngine), typeof(NoteQueue), typeof(LatencyHistogram), typeof(BeatCodec), typeof(BeatLoop), typeof(BeatChannels),
        typeof(UdpBeatSocket), typeof(PollSet), typeof(EventFd), typeof(KillTimer), typeof(BootClock), typeof(NativeEndpoint),
    ];

    public static void Compile(params Type[] more)
    {
        foreach (Type type in Types.Concat(more))
        {
            const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            foreach (MethodBase method in type.GetMethods(all).Concat<MethodBase>(type.GetConstructors(all)))
            {
                if (!method.IsAbstract && !method.ContainsGenericParameters && (method.Attributes & MethodAttributes.PinvokeImpl) == 0)
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
