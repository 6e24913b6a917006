"""Sessions -> touchpoints, stages, journeys: what each event means, and the stream every answer is counted from."""
