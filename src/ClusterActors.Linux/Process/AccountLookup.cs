namespace ClusterActors.Linux.Process;

/// <param name="UserId">Numeric user.</param>
/// <param name="GroupId">The account's primary group.</param>
public sealed record Account(string Name, uint UserId, uint GroupId);

/// <summary>Looks accounts up in the system's name services. These may ask the network, so never call it from a beat thread.</summary>
public static unsafe class AccountLookup
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Null when there is no such account.</summary>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static Account? Find(string name)
    {
        var buffer = stackalloc byte[BufferBytes];
        PasswordEntry entry;
        PasswordEntry* result;
        var error = ProcessNative.FindAccount(name, &entry, buffer, BufferBytes, &result);
        if (result is not null)
            return new Account(name, entry.UserId, entry.GroupId);
        // Name services answer "none" in several ways, see getpwnam(3).
        return error is 0 or Errno.NoEntry or Errno.NoSuchProcess or Errno.NotPermitted ? null : throw new LinuxException($"look-up of account '{name}'", error);
    }
}
