// How a domain package (domain/NAME) joins a city: the one place at which the house and its domains meet.
//
//   domain/NAME/package.cc: register_NAME(PackageLoader&) ─▶ [PackageLoader] ─▶ app: loops, interlocks, routes,
//   commands
//
// A package knows the rooms up to serve and no other package; the house knows packages by this header only, and builds
// without any of them. What belongs to a package in a city lies in CITY/NAME/ (settings) and DATA/NAME/ (its own data).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "act/interlock.h"
#include "base/clock.h"
#include "base/result.h"
#include "geo/street_graph.h"
#include "mail/post.h"
#include "net/router.h"
#include "serve/actions.h"
#include "serve/back_room.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "trust/enrolment.h"
#include "twin/history/history.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::serve {

// What a package may rest on when its settings are read; all of it outlives the package.
struct PackageSettings {
  const City& city;
  const base::TimeZone& time_zone;
  geo::StreetGraphPtr streets;  // of the city's planning.toml; null where it has none
  std::string city_folder;      // CITY/NAME; there need be none: then the package has nothing to do in this city
  std::string data_folder;      // DATA/NAME; not made yet
};

// What a running package works with; all of it outlives the package's start() … stop().
struct PackageWorld {
  twin::Twin& twin;
  twin::History& history;
  const base::Clock& clock;  // the city's
  const base::Clock& wall;
  const City& city;
  const Guard& guard;
  ActionDesk& desk;
  BackRoom& back_room;
  mail::Post& post;
  std::function<std::string()> public_address;  // "https://city.example", for links in letters; empty where none is set
  trust::Enrolment& enrolment;                  // the only way to an account: of people who come by themselves
  // Who asks, as far as limits go: the peer, or whom a proxy that the city believes names.
  std::function<std::string(const net::Request&)> asker;
};

// One package in one city. Functions are called in the order in which they stand here, on the main thread.
class Package {
 public:
  virtual ~Package() = default;

  // Loops over the log, each run on a thread of its own; the package owns them, and they live as long as it does.
  virtual std::vector<twin::Loop*> loops() { return {}; }
  // What stands between commands and devices of a type, beside what the device's settings say.
  virtual std::vector<std::shared_ptr<act::Interlock>> interlocks() { return {}; }
  // Routes under /api/v1/NAME/… (and /public/v1/NAME/… for anybody), each behind the guard.
  virtual void add_routes(net::Router&, const PackageWorld&) {}
  // Work that is no loop: feeds of its own, training, planning. After the loops run.
  virtual base::Status start(const PackageWorld&) { return {}; }
  virtual void stop() {}
  // For the operation page, named NAME_….
  virtual std::vector<std::pair<std::string, double>> counters() const { return {}; }
};

using MakePackage = std::function<base::Result<std::unique_ptr<Package>>(const PackageSettings&)>;

// A command of the command line: cityloop NAME VERB …. It prints to standard output; an error is its end, and
// Errc::corrupt says that what was to be checked does not hold.
struct PackageCommand {
  std::string package;  // "traffic"; empty: cityloop VERB …, for what people outside of the house are told to type
  std::string verb;     // "convert-cityflow"
  std::string help;     // one line
  std::function<base::Status(const std::vector<std::string>& words)> run;
};

// What the packages of this build offer, collected before anything else happens.
class PackageLoader {
 public:
  // Says nothing wrong of a city that lacks CITY/NAME: make is not asked then.
  void add(std::string name, MakePackage make) { packages_.emplace_back(std::move(name), std::move(make)); }
  void add_command(PackageCommand command) { commands_.push_back(std::move(command)); }

  const std::vector<std::pair<std::string, MakePackage>>& packages() const { return packages_; }
  const std::vector<PackageCommand>& commands() const { return commands_; }

 private:
  std::vector<std::pair<std::string, MakePackage>> packages_;
  std::vector<PackageCommand> commands_;
};

// Calls register_NAME of every folder of domain/ that was there when the build was described (cmake/rooms.cmake).
void register_packages(PackageLoader&);

}  // namespace cityloop::serve
