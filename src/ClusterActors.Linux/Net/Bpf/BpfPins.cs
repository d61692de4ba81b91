using System.Text;

namespace ClusterActors.Linux.Net.Bpf;

/// <summary>
/// What keeps a fence alive without a process: <c>FILESYSTEM/clp/INSTANCE/</c> with <c>maps-N/</c> (N grows with every installation; more than one only
/// after a crash in the middle of one) and, for tcx, <c>in-INTERFACE</c> and <c>out-INTERFACE</c>.
/// </summary>
internal sealed unsafe class BpfPins(string fileSystem, string instance)
{
    private const string MapsPrefix = "maps-";

    public string Folder { get; } = Path.Combine(fileSystem, "clp", instance);

    /// <summary>Mounts the bpf file system where an old init did not.</summary>
    public void Prepare()
    {
        if (!IsBpfFileSystem(fileSystem) && !(Directory.Exists(fileSystem) && NetNative.Mount("bpf", fileSystem, "bpf")))
            throw new NetworkException("bpf fence", $"{fileSystem} is no bpf file system and cannot be made one; run: mount -t bpf bpf {fileSystem}", NetNative.LastErrno);
        Directory.CreateDirectory(Folder);
    }

    public static bool IsBpfFileSystem(string path)
    {
        var buffer = stackalloc long[32];
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return NetNative.StatFs(name, buffer) == 0 && buffer[0] == NetNative.BpfFileSystemMagic;
        }
    }

    /// <summary>Folders of map sets, oldest first.</summary>
    public IReadOnlyList<(int Number, string Path)> MapSets() => !Directory.Exists(Folder) ? [] :
        [.. Directory.GetDirectories(Folder, MapsPrefix + "*")
            .Select(path => (Number: int.TryParse(Path.GetFileName(path)[MapsPrefix.Length..], out var number) ? number : 0, Path: path))
            .OrderBy(set => set.Number)];

    public string MapSet(int number) => Path.Combine(Folder, $"{MapsPrefix}{number}");

    /// <summary>The bpf file system refuses dots in names.</summary>
    public string Link(string interfaceName, bool ingress) =>
        Path.Combine(Folder, (ingress ? "in-" : "out-") + interfaceName.Replace('.', '~'));

    public IReadOnlyList<string> Links() => Directory.Exists(Folder) ? Directory.GetFiles(Folder) : [];

    public static void DeleteMapSet(string path)
    {
        foreach (var pin in Directory.GetFiles(path)) File.Delete(pin);
        Directory.Delete(path);
    }

    /// <summary>
    /// True when links are pinned and none of them sits on an interface any more (a deleted interface or network namespace): nothing is in force. Without
    /// pinned links (clsact, or an installation just beginning) nothing can be said.
    /// </summary>
    public bool IsOrphan()
    {
        var links = Links();
        return links.Count > 0 && links.All(path =>
        {
            var fd = BpfSystem.OpenPinned(path);
            if (fd < 0) return true;
            try
            {
                return BpfSystem.IdOf(fd, BpfSystem.InterfaceWord) == 0;
            }
            finally
            {
                _ = NetNative.Close(fd);
            }
        });
    }

    public void DeleteAll()
    {
        if (!Directory.Exists(Folder)) return;
        foreach (var link in Links()) File.Delete(link);
        foreach (var (_, path) in MapSets()) DeleteMapSet(path);
        Directory.Delete(Folder);
    }
}
