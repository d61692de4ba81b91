using System.Globalization;
using System.Net;

namespace ClusterActors.Configuration.Binding;

/// <summary><c>10.0.0.100/24</c>: an address together with the size of its network.</summary>
internal static class AddressWithPrefix
{
    public static bool TryParse(string text, out IPAddress address, out int prefixLength)
    {
        address = IPAddress.None;
        prefixLength = 0;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && ServerBinder.TryParse(text[..slash], out address)
            && int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength)
            && prefixLength >= 1
            && prefixLength <= address.GetAddressBytes().Length * 8;
    }
}
