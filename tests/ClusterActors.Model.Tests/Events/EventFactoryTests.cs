using System.Reflection;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

/// <summary>The factories are the only way the product raises events; they must say the same as the catalogue files.</summary>
public sealed class EventFactoryTests
{
    private static readonly (string Module, Type Type)[] Factories =
    [
        ("pm", typeof(PmEvents)), ("nm", typeof(NmEvents)), ("rc", typeof(RcEvents)),
        ("monp", typeof(MonpEvents)), ("lanhb", typeof(LanhbEvents)), ("diskhb", typeof(DiskhbEvents)), ("comhb", typeof(ComhbEvents)), ("ca", typeof(CaEvents)),
    ];

    public static TheoryData<string> Modules => [.. Factories.Select(f => f.Module)];

    [Theory]
    [MemberData(nameof(Modules))]
    public void Factories_must_equal_the_catalogue(string module)
    {
        var methods = Factories.Single(f => f.Module == module).Type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);
        var made = methods.ToDictionary(m => m.Name, m => (EventDraft)m.Invoke(null, [.. m.GetParameters().Select(p => (object?)p.Name)])!);
        var entries = EventCatalogue.Default.All.Where(d => d.Key.Module == module).ToList();
        Assert.Equal(entries.Select(d => PascalCase(d.Name)).Order(), made.Keys.Order());
        foreach (var entry in entries)
        {
            var draft = made[PascalCase(entry.Name)];
            Assert.Equal(entry.Key, draft.Key);
            Assert.Equal(entry.Parameters, draft.Parameters.Select(p => p.Name));

            // Each argument must land in the parameter of its own name.
            Assert.All(draft.Parameters, p => Assert.Equal(PascalCase(p.Name), PascalCase(p.Value), ignoreCase: true));
        }
    }

    private static string PascalCase(string name) =>
        string.Concat(name.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
