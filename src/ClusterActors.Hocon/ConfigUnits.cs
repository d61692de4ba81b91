using System.Globalization;
using System.Numerics;

namespace ClusterActors.Hocon;

/// <summary>Numbers with units, as the specification's section "Units format" has them: <c>10ms</c>, <c>512 KiB</c>, <c>3 weeks</c>.</summary>
public static class ConfigUnits
{
    /// <summary>What a duration may look like, for messages.</summary>
    public const string DurationForms = "a number with one of the units ns, us, ms, s, m, h, d (such as 200ms)";

    /// <summary>What a size may look like, for messages.</summary>
    public const string SizeForms = "a number with one of the units B, KiB, MiB, GiB, TiB, PiB, EiB or kB, MB, GB, TB, PB, EB (such as 64KiB)";

    /// <summary>What a period may look like, for messages.</summary>
    public const string PeriodForms = "a whole number with one of the units d, w, mo, y (such as 3mo)";

    private static readonly Dictionary<string, long> NanosecondsByUnit = Units(
        (1L, "ns nano nanos nanosecond nanoseconds"),
        (1_000L, "us micro micros microsecond microseconds"),
        (1_000_000L, "ms milli millis millisecond milliseconds"),
        (1_000_000_000L, "s second seconds"),
        (60_000_000_000L, "m minute minutes"),
        (3_600_000_000_000L, "h hour hours"),
        (86_400_000_000_000L, "d day days"));

    private static readonly Dictionary<string, BigInteger> BytesByUnit = SizeUnits();

    private static readonly Dictionary<string, ConfigPeriod> PeriodByUnit = Units(
        (new ConfigPeriod(0, 0, 1), "d day days"),
        (new ConfigPeriod(0, 0, 7), "w week weeks"),
        (new ConfigPeriod(0, 1, 0), "m mo month months"),
        (new ConfigPeriod(1, 0, 0), "y year years"));

    /// <summary>A duration; a bare number is milliseconds unless <paramref name="isUnitRequired"/>. False with what was wrong.</summary>
    public static bool TryParseDuration(string text, bool isUnitRequired, out TimeSpan duration, out string problem)
    {
        duration = default;
        if (!TrySplit(text, NanosecondsByUnit, "ms", isUnitRequired, DurationForms, out var number, out var nanoseconds, out problem)) return false;
        try
        {
            var ticks = number * nanoseconds / 100m;
            if (ticks != decimal.Truncate(ticks))
            {
                problem = $"'{text.Trim()}' is finer than the smallest step of 100ns";
                return false;
            }

            duration = TimeSpan.FromTicks((long)ticks);
            return true;
        }
        catch (OverflowException)
        {
            problem = $"'{text.Trim()}' is too long; at most {TimeSpan.MaxValue.TotalDays:F0}d";
            return false;
        }
    }

    /// <summary>A size in bytes; a bare number is bytes unless <paramref name="isUnitRequired"/>. False with what was wrong.</summary>
    public static bool TryParseBytes(string text, bool isUnitRequired, out long bytes, out string problem)
    {
        bytes = 0;
        if (!TrySplit(text, BytesByUnit, "B", isUnitRequired, SizeForms, out var number, out var unit, out problem)) return false;

        // Exact: the fraction is taken apart first, since the larger units do not fit a decimal.
        var scale = BigInteger.Pow(10, number.Scale);
        var scaled = new BigInteger(number * (decimal)scale) * unit;
        if (!BigInteger.Remainder(scaled, scale).IsZero)
        {
            problem = $"'{text.Trim()}' is no whole number of bytes";
            return false;
        }

        scaled /= scale;
        if (scaled > long.MaxValue || scaled < 0)
        {
            problem = scaled < 0 ? $"'{text.Trim()}' is negative; a size is at least 0B" : $"'{text.Trim()}' is too large; less than 8EiB fit";
            return false;
        }

        bytes = (long)scaled;
        return true;
    }

    /// <summary>A period; a bare number is days unless <paramref name="isUnitRequired"/>. False with what was wrong.</summary>
    public static bool TryParsePeriod(string text, bool isUnitRequired, out ConfigPeriod period, out string problem)
    {
        period = default;
        if (!TrySplit(text, PeriodByUnit, "d", isUnitRequired, PeriodForms, out var number, out var unit, out problem)) return false;
        if (number != decimal.Truncate(number) || Math.Abs(number) > int.MaxValue / 7)
        {
            problem = $"'{text.Trim()}' is no whole number, or too large; allowed is {PeriodForms}";
            return false;
        }

        var count = (int)number;
        period = new ConfigPeriod(unit.Years * count, unit.Months * count, unit.Days * count);
        return true;
    }

    private static bool TrySplit<T>(
        string text,
        Dictionary<string, T> units,
        string defaultUnit,
        bool isUnitRequired,
        string forms,
        out decimal number,
        out T unit,
        out string problem)
    {
        var trimmed = text.AsSpan().Trim();
        var end = trimmed.Length;
        while (end > 0 && char.IsLetter(trimmed[end - 1])) end--;
        var name = trimmed[end..].ToString();
        var digits = trimmed[..end].TrimEnd();
        unit = default!;
        problem = "";
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out number))
        {
            problem = $"'{trimmed}' is not a number with a unit; allowed is {forms}";
            return false;
        }

        if (name.Length == 0 && isUnitRequired)
        {
            problem = $"'{trimmed}' has no unit; write {forms}";
            return false;
        }

        if (units.TryGetValue(name.Length == 0 ? defaultUnit : name, out unit!)) return true;
        problem = $"'{trimmed}' has the unknown unit '{name}'; allowed is {forms}";
        return false;
    }

    private static Dictionary<string, T> Units<T>(params (T Value, string Names)[] units)
    {
        var byName = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var (value, names) in units)
        {
            foreach (var name in names.Split(' ')) byName.Add(name, value);
        }

        return byName;
    }

    private static Dictionary<string, BigInteger> SizeUnits()
    {
        // Single letters are powers of two, as the specification has it and as most tools read them.
        var byName = Units((BigInteger.One, "B b byte bytes"));
        (string Letter, string Thousands, string Binary)[] steps =
        [
            ("K", "kilo", "kibi"), ("M", "mega", "mebi"), ("G", "giga", "gibi"), ("T", "tera", "tebi"),
            ("P", "peta", "pebi"), ("E", "exa", "exbi"), ("Z", "zetta", "zebi"), ("Y", "yotta", "yobi"),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            var (letter, thousands, binary) = steps[i];
            var decimalUnit = BigInteger.Pow(1000, i + 1);
            var binaryUnit = BigInteger.Pow(1024, i + 1);
            byName.Add((letter == "K" ? "k" : letter) + "B", decimalUnit);
            byName.Add(thousands + "byte", decimalUnit);
            byName.Add(thousands + "bytes", decimalUnit);
            foreach (var name in new[] { letter, letter.ToLowerInvariant(), letter + "i", letter + "iB", binary + "byte", binary + "bytes" }) byName.Add(name, binaryUnit);
        }

        return byName;
    }
}
