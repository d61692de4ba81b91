using ClusterActors.Model;

namespace ClusterActors.Configuration.Binding;

/// <summary>
/// <c>cluster.journal</c>. The connection string itself is read by the database driver in <c>clpd</c>; here only its form is checked,
/// and no message repeats it, because it may hold a password.
/// </summary>
internal static class JournalBinder
{
    private const string Example = "write connection = \"Host=...;Database=...;Username=...;Password=...\", best in a file of this server alone that cluster.conf includes";

    public static JournalConfig Bind(Section journal)
    {
        journal.ReportUnknownKeys();
        var kind = journal.Choice<JournalKind>("type");
        var connection = journal.Text("connection");
        var schema = journal.Text("schema");
        if (schema is not null && !IsPlainName(schema))
            journal.Complain("schema", $"{journal.FullPath("schema")} is '{schema}'; it must be 1 to 63 small letters, digits or '_', beginning with a letter");

        if (kind == JournalKind.Sqlite && journal.IsWritten("connection"))
            journal.Complain("connection", $"{journal.FullPath("connection")} is written, but {journal.FullPath("type")} is sqlite, which has none; write type = postgresql or remove it");
        if (kind == JournalKind.Postgresql && journal.Require("connection", Example) && connection is not null)
            CheckForm(journal, connection);
        return new JournalConfig(kind ?? JournalKind.Sqlite, connection, schema ?? "");
    }

    private static void CheckForm(Section journal, string connection)
    {
        if (!ConnectionString.IsWellFormed(connection))
            journal.Complain("connection", $"{journal.FullPath("connection")} is no connection string: it must be key=value pairs with ';' between them and name a Host; {Example}");
    }

    private static bool IsPlainName(string name) =>
        name.Length <= 63 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
