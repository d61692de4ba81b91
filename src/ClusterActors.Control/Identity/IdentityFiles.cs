using System.Text;

namespace ClusterActors.Control.Identity;

/// <summary>Writing of identity files: synced before a rename makes them visible, readable by their owner alone.</summary>
internal static class IdentityFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = OwnerOnly });
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>An empty directory for a new set; what an interrupted attempt left there is dropped, since nothing refers to it.</summary>
    public static IdentityPaths PrepareStaging(IdentityPaths paths)
    {
        var staging = paths.Staging;
        if (Directory.Exists(staging.Directory))
            Directory.Delete(staging.Directory, recursive: true);
        Directory.CreateDirectory(paths.Configuration);
        Directory.CreateDirectory(staging.Directory, OwnerDirectory);
        return staging;
    }

    /// <summary>Puts the prepared set in the place of the present one, if any.</summary>
    public static void Promote(IdentityPaths paths)
    {
        if (Directory.Exists(paths.Retired))
            Directory.Delete(paths.Retired, recursive: true);
        if (Directory.Exists(paths.Directory))
            Directory.Move(paths.Directory, paths.Retired);
        Directory.Move(paths.Staging.Directory, paths.Directory);
        if (Directory.Exists(paths.Retired))
            Directory.Delete(paths.Retired, recursive: true);
    }

    /// <summary>Replaces a file in one step.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        Write(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
