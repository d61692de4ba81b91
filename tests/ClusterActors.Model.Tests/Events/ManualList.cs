using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

/// <summary>
/// The manuals' message list (chapter 12.1), typed by hand and independent of the catalogue files: number, level
/// (I info, W warning, E error), routes (a alert, s syslog, m mail).
/// </summary>
internal static class ManualList
{
    private const string Table =
        """
        pm      1Ias 2Ias 3Ias 10Eas 11Easm 12Eas 13Easm 14Eas 15Eas 20Easm 21Eas 22Easm 23Ias 24Ias 25Ias 26Ias
        pm      30Ias 31Ias 32Ias 33Ias 34Ias 35Ias
        nm      1Ias 2Iasm 3Ias 4Ias 10Easm 20Easm 21Ias 22Ias 23Ias 24Ias
        rc      10Ias 11Ias 12Eas 20Ias 21Ias 22Eas 30Is 31Is 32Easm 40Is 41Is 42Easm 50Ias 51Ias 52Eas
        rc      60Ias 61Ias 62Eas 70Ias 71Ias 72Eas 80Ias 81Ias 82Eas 90Ias 91Ias 92Easm
        rm      1Ias 2Ias 3Ias 4Was 5Was 6Was 7Easm 8Eas 9Easm 10Ias 12Ias 13Ias 14Ias 15Ias 16Ias 17Ias
        rm      18Eas 19Eas 20Eas 21Eas 22Eas 23Eas 24Eas 25Was 26Ias 27Ias 28Eas
        rm      50Ias 51Ias 52Was 53Eas 54Eas 55Eas 56Eas 57Easm 58Eas 59Eas
        diskhb  10Eas 11Eas 12Eas 13Eas
        comhb   1Ias 2Ias
        monp    1Eas 2Eas 3Ias 4Ias 5Eas 6Ias 7Eas 8Ias 9Eas
        mdagent 1Ias 2Eas 3Ias 4Eas
        mdadmn  1Eas 2Ias 3Ias 4Eas 5Easm 6Ias 7Ias 8Ias 9Ias 10Eas 11Eas 12Eas 13Was 14Eas 15Eas 16Ias 17Ias 18Ias 19Easm
        disk    10Ias 11Ias
        vxdg    10Ias 11Was
        vxvol   10Ias 11Ias
        """;

    public static IEnumerable<(EventKey Key, EventLevel Level, EventRoutes Routes)> Entries()
    {
        foreach (var line in Table.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var entry in words.Skip(1))
            {
                var digits = entry.TakeWhile(char.IsAsciiDigit).Count();
                yield return (new EventKey(words[0], int.Parse(entry[..digits])), Level(entry[digits]), Routes(entry[(digits + 1)..]));
            }
        }
    }

    private static EventLevel Level(char letter) => letter switch
    {
        'I' => EventLevel.Info,
        'W' => EventLevel.Warning,
        'E' => EventLevel.Error,
        _ => throw new FormatException($"level {letter}"),
    };

    private static EventRoutes Routes(string letters) => letters.Aggregate(EventRoutes.None, (routes, letter) => routes | letter switch
    {
        'a' => EventRoutes.Alert,
        's' => EventRoutes.Syslog,
        'm' => EventRoutes.Mail,
        _ => throw new FormatException($"route {letter}"),
    });
}
