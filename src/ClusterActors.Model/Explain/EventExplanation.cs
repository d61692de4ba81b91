using System.Text;
using ClusterActors.Model.Events;

namespace ClusterActors.Model.Explain;

/// <summary>What <c>clp explain rc 92</c> prints: number, level and routes, the text, what it means and what to do.</summary>
public static class EventExplanation
{
    /// <summary>The explanation, or null when the catalogue has no such event. Lines end with a line feed.</summary>
    public static string? Explain(this EventCatalogue catalogue, string module, int id, EventLanguage language = EventLanguage.English)
    {
        if (catalogue.Find(module, id) is not { } found)
            return null;
        var words = language == EventLanguage.Japanese ? Words.Japanese : Words.English;
        var text = new StringBuilder();
        text.Append(found.Key).Append("  ").Append(words.Level(found.Level)).Append("  ").Append(found.Name).Append('\n');
        Line(text, words.Text, found.Text.In(language).Source);
        Line(text, words.Meaning, found.Meaning.In(language));
        Line(text, words.Remedy, found.Remedy?.In(language) ?? words.NothingToDo);
        Line(text, words.ReportedTo, words.Routes(found.Routes));
        Line(text, words.NumberFrom, words.Origin(found.Origin));
        return text.ToString();
    }

    /// <summary>One line per event of the module, ordered by number; null when there is no such module.</summary>
    public static string? ExplainModule(this EventCatalogue catalogue, string module, EventLanguage language = EventLanguage.English)
    {
        var words = language == EventLanguage.Japanese ? Words.Japanese : Words.English;
        var text = new StringBuilder();
        foreach (var definition in catalogue.All.Where(d => d.Key.Module == module))
            text.Append(definition.Key).Append("  ").Append(words.Level(definition.Level)).Append("  ")
                .Append(definition.Text.In(language).Source).Append('\n');
        return text.Length == 0 ? null : text.ToString();
    }

    private static void Line(StringBuilder text, string label, string value) =>
        text.Append("  ").Append(label).Append(": ").Append(value).Append('\n');

    private sealed record Words(
        string Text, string Meaning, string Remedy, string NothingToDo, string ReportedTo, string NumberFrom,
        string Info, string Warning, string Error, string Manual, string Later, string Own, string JournalOnly)
    {
        public static readonly Words English = new(
            "text", "meaning", "what to do", "nothing", "reported to", "number",
            "info", "warning", "error", "as in the manuals", "as in later versions of the older product", "own to this product", "journal only");

        public static readonly Words Japanese = new(
            "本文", "意味", "対処", "不要", "通知先", "番号",
            "情報", "警告", "エラー", "マニュアルと同じ", "旧製品の後の版と同じ", "本製品独自", "ジャーナルのみ");

        public string Level(EventLevel level) => level switch
        {
            EventLevel.Info => Info,
            EventLevel.Warning => Warning,
            _ => Error,
        };

        public string Origin(EventOrigin origin) => origin switch
        {
            EventOrigin.Manual => Manual,
            EventOrigin.Later => Later,
            _ => Own,
        };

        public string Routes(EventRoutes routes)
        {
            var names = new List<string>();
            if (routes.HasFlag(EventRoutes.Alert))
                names.Add("alert");
            if (routes.HasFlag(EventRoutes.Syslog))
                names.Add("syslog");
            if (routes.HasFlag(EventRoutes.Mail))
                names.Add("mail");
            return names.Count == 0 ? JournalOnly : string.Join(", ", names);
        }
    }
}
