// Package mech is what threads are made of.
//
//mm:mechanism for the test of the analyzer
package mech

func Park(c chan int) { <-c }
