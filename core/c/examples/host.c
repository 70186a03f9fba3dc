// Runs the example on a host.
#include <stdio.h>

#include "learning.h"

void put(const char *text) { fputs(text, stdout); }

int main(void) { return learn(); }
