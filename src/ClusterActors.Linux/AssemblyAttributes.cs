using System.Runtime.CompilerServices;

// All system calls pass plain numbers and pointers, so no stub has to look at anything.
[assembly: DisableRuntimeMarshalling]
