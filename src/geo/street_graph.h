// The streets of a city as a graph: junctions and the pieces of street between them, made once, never changed, shared.
//
//   StreetNetwork ─▶ [StreetGraph] ─▶ StreetWeights (times of one mode, or of this hour) ─▶ planner, my day, maps
//
// Pieces are addressable: a piece is a number below pieces(), an arc (a piece in one direction) is 2·piece for the
// order of its line and 2·piece + 1 for the other. How long arcs take stands not here but in StreetWeights, of which
// there may be many over one graph: the graph knows only the order in which its junctions are contracted, and that
// follows from who touches whom and where, not from speeds. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/street_network.h"

namespace cityloop::geo {

using StreetNode = std::uint32_t;
using StreetPiece = std::uint32_t;
using StreetArc = std::uint32_t;

constexpr StreetArc arc_along(StreetPiece piece) {
  return 2 * piece;
}
constexpr StreetArc arc_against(StreetPiece piece) {
  return 2 * piece + 1;
}

// The place on the streets at which one leaves them for a position beside.
struct StreetSpot {
  StreetPiece piece{};
  double share{};     // of the piece's length, 0 at its beginning
  Position on{};      // on the street
  double beside_m{};  // from there to the position, straight
};

// Streets that hang together among themselves and not with the main part: from some place of the one there is no way
// there and back to the other.
struct StreetIsland {
  std::size_t nodes{};
  double length_m{};
  Position somewhere{};
  std::string name;  // of one of its streets; empty: none has one
};

class StreetOrder;

class StreetGraph {
 public:
  // Streets meet where they share a joint. Takes as long as ordering takes: seconds for 100,000 junctions.
  static std::shared_ptr<const StreetGraph> make(const StreetNetwork&);
  ~StreetGraph();

  struct Piece {
    StreetNode from{}, to{};
    float length_m{};
    float speed_kmh{};  // of cars: as the sign says, or as is usual
    StreetClass street_class{};
    ModeSet along, against;
    std::uint32_t name{};         // of names_
    std::uint32_t first_shape{};  // its line begins there
  };
  std::size_t nodes() const { return positions_.size(); }
  std::size_t pieces() const { return pieces_.size(); }
  const Piece& piece(StreetPiece at) const { return pieces_[at]; }
  Position position(StreetNode at) const { return positions_[at]; }
  std::string_view name(StreetPiece at) const { return names_[pieces_[at].name].written; }
  // In English, where the source says; else as written.
  std::string_view name_en(StreetPiece at) const {
    const Name& name = names_[pieces_[at].name];
    return name.en.empty() ? name.written : name.en;
  }
  std::span<const Position> line(StreetPiece at) const {
    const std::size_t end = at + 1 < pieces_.size() ? pieces_[at + 1].first_shape : shape_.size();
    return {&shape_[pieces_[at].first_shape], end - pieces_[at].first_shape};
  }
  bool may(StreetArc arc, TravelMode mode) const {
    const Piece& p = pieces_[arc / 2];
    return (arc % 2 ? p.against : p.along).has(mode);
  }
  StreetNode tail(StreetArc arc) const { return arc % 2 ? pieces_[arc / 2].to : pieces_[arc / 2].from; }
  StreetNode head(StreetArc arc) const { return arc % 2 ? pieces_[arc / 2].from : pieces_[arc / 2].to; }
  double length_m() const;  // of all pieces

  // The nearest spot of a street that the mode may use, at most max_m away; of the mode's main part, so that there is a
  // way to it and back, unless `islands` asks for any. None: no such street is near.
  std::optional<StreetSpot> snap(Position, TravelMode, double max_m, bool islands = false) const;
  bool in_main_part(StreetNode node, TravelMode mode) const { return main_[node] >> unsigned(mode) & 1; }
  // What is cut off from the mode's main part, the longest first.
  const std::vector<StreetIsland>& islands(TravelMode mode) const { return islands_[std::size_t(mode)]; }

  const StreetOrder& order() const { return *order_; }

 private:
  class Builder;
  class Grid;
  struct Name {
    std::string written, en;
  };
  StreetGraph();
  void find_parts(TravelMode);

  std::vector<Position> positions_;
  std::vector<Piece> pieces_;
  std::vector<Position> shape_;
  std::vector<Name> names_;
  std::vector<std::uint8_t> main_;  // by node, one bit for each mode
  std::vector<StreetIsland> islands_[kTravelModes];
  std::unique_ptr<const Grid> grid_;
  std::unique_ptr<const StreetOrder> order_;
};

using StreetGraphPtr = std::shared_ptr<const StreetGraph>;

}  // namespace cityloop::geo
