// Package usb is what a card is on the Universal Serial Bus, apart from the
// controller that moves its packets: descriptors, control requests, the link on a
// pair of bulk endpoints, and a USB-MIDI interface by which any computer plays the
// card as a sound module without a driver of ours.
//
// It follows the Universal Serial Bus Specification 2.0 (chapter 9), the
// Engineering Change Notices "Interface Association Descriptor" and "USB 2.0 Link
// Power Management" (for the BOS), the Universal Serial Bus Device Class
// Definition for Audio Devices 1.0, that for MIDI Devices 1.0, and Microsoft OS 2.0
// Descriptors. Clauses are cited as "9.4.1" and "MIDI 6.1.2.1".
package usb
