// Command guest is the first and only program of the kernel that kerneltest boots:
// it loads modules, imports the card over USB/IP, and uses it in every way that a
// computer has.
package main
