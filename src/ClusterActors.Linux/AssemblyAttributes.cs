using System.Runtime.CompilerServices;

// All system calls pass plain numbers and pointers, so their stubs can be compiled ahead; without this each is compiled at its first call.
[assembly: DisableRuntimeMarshalling]
