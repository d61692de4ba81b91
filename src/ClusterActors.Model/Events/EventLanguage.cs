namespace ClusterActors.Model.Events;

/// <summary>Languages in which every event is written.</summary>
public enum EventLanguage
{
    English,
    Japanese,
}
