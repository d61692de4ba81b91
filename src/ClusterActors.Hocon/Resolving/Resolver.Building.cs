using System.Collections.Immutable;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Resolving;

/// <summary>From lazy to whole values, with the bounds that keep a small text from becoming a huge tree.</summary>
internal sealed partial class Resolver
{
    private const long MostValues = 1_000_000;
    private const int DeepestValues = 250;

    private readonly List<RawItem> _building = [];

    /// <summary>Resolves the whole tree; null when it has no value at all.</summary>
    public ConfigValue? Build() => Build(root);

    private ConfigValue? Build(Chain chain)
    {
        if (chain.Built is { } built) return built;
        var top = chain.Items[0];
        if (_building.Contains(top)) throw new ContainsItself(string.Join(" -> ", _building.Append(top).Select(i => i.KeyOrigin.ToString()).Distinct()));
        if (_building.Count >= DeepestValues) throw TooDeep(top.Value.Origin);
        _building.Add(top);
        try
        {
            var value = Build(Evaluate(chain));
            if (value?.Size > MostValues)
                throw new ConfigResolveException(value.Origin, $"the value holds more than {MostValues} values once its substitutions are resolved; simplify them");

            // What was built before, higher up, is taken as it is: here it may hang too low.
            if (_building.Count - 1 + value?.Depth > DeepestValues) throw TooDeep((FirstReference(chain) ?? top.Value).Origin);
            chain.Built = value;
            return value;
        }
        catch (ContainsItself) when (top.Value is RawReference { IsOptional: true })
        {
            return null;
        }
        catch (ContainsItself cycle) when (FirstReference(chain) is not null)
        {
            var problem = InLoop(
                FirstReference(chain)!,
                $"the value here contains itself ({cycle.Message}); a substitution cannot refer to an object or list that it stands in");
            if (problems is null) throw problem;
            problems.Add(problem);
            return new ConfigScalar(ConfigValueKind.Invalid, "", problem.Origin);
        }
        catch (ConfigResolveException problem) when (problems is not null)
        {
            problems.Add(problem);
            return new ConfigScalar(ConfigValueKind.Invalid, "", problem.Origin);
        }
        finally
        {
            _building.RemoveAt(_building.Count - 1);
        }
    }

    private ConfigValue? Build(LazyValue? value)
    {
        switch (value)
        {
            case null:
                return null;
            case LazyScalar scalar:
                return scalar.Value;
            case LazyList list:
                var elements = ImmutableArray.CreateBuilder<ConfigValue>(list.Elements.Length);
                foreach (var element in list.Elements)
                {
                    if (Build(element) is { } present) elements.Add(present);
                }

                return new ConfigList(elements.ToImmutable(), list.Origin);
            default:
                var source = (LazyObject)value;
                var fields = ImmutableArray.CreateBuilder<ConfigField>(source.Keys.Count);
                foreach (var key in source.Keys)
                {
                    var child = source.Child(key)!;
                    if (Build(child) is { } present) fields.Add(new ConfigField(key, present, Definitions(child, present)));
                }

                return new ConfigObject(fields.ToImmutable(), source.Origin, source.HidesLower);
        }
    }

    /// <summary>For an object every definition down to the first that is none; for anything else the one that decided.</summary>
    private static ImmutableArray<ConfigDefinition> Definitions(Chain chain, ConfigValue value)
    {
        var all = chain.Items.Select(i => new ConfigDefinition(i.KeyOrigin, i.IsWritten, i.Value is RawObject));
        return value is ConfigObject ? [.. all.TakeWhile((_, i) => i == 0 || chain.Items[i].Value is not (RawScalar or RawList))] : [all.First()];
    }

    /// <summary>Of the definitions that a value is made of: it may lie below an object that is merged over it.</summary>
    private static RawValue? FirstReference(Chain chain) =>
        chain.Items.Select(i => i.Value).FirstOrDefault(v => v is RawReference or RawConcatenation { HasReference: true } or RawAppend);

    private static ConfigResolveException TooDeep(Origin origin) =>
        new(origin, $"objects and lists are nested deeper than {DeepestValues} levels here once substitutions are resolved; flatten them");

    /// <summary>Carries a cycle up to the substitution that closes it; never leaves this class.</summary>
    private sealed class ContainsItself(string loop) : Exception(loop);
}
