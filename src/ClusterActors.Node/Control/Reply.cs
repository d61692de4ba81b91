using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterActors.Control;
using Microsoft.AspNetCore.Http;

namespace ClusterActors.Node.Control;

/// <summary>Reading and writing of bodies in the control API.</summary>
internal static class Reply
{
    public static async Task Json<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted).ConfigureAwait(false);
    }

    public static Task Error(HttpContext http, int status, ExitCode code, string message)
    {
        http.Response.StatusCode = status;
        return Json(http, new ApiError(code, message), ControlJson.Default.ApiError);
    }

    /// <returns>Null when the body was not what the route takes; the answer has been given then.</returns>
    public static async Task<T?> ReadBody<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted).ConfigureAwait(false) is { } body)
                return body;
            await Error(http, 400, ExitCode.Usage, $"{http.Request.Path}: the body is null; send a {typeof(T).Name} as JSON").ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await Error(http, 400, ExitCode.Usage, $"{http.Request.Path}: the body is not a {typeof(T).Name}: {e.Message}").ConfigureAwait(false);
        }

        return default;
    }

    public static long Number(HttpContext http, string name, long otherwise) =>
        long.TryParse(http.Request.Query[name], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
