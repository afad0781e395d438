#include "app/command_line.h"

int main(int argc, char** argv) {
  return cityloop::app::run(argc, argv);
}
