"""What all stand-ins for language models do alike: take requests at once, answer each in its own time, and end when the caller has gone."""

from stand_in import Cancelled, Loop, spoken
from tensors import FINAL, failure, parameter


class Generating:
    """A model says what a request asks for in `read`, and how a piece looks in tensors in `show`."""

    def initialize(self, args):
        self.args = args
        self.delay_s = float(parameter(args, "token_delay_ms")) / 1e3
        self.loop = Loop()

    def execute(self, requests):
        for request in requests:
            self.loop.spawn(self.answer(request))

    def finalize(self):
        self.loop.close()

    async def answer(self, request):
        sender = request.get_response_sender()
        try:
            asked = self.read(request)
            await (self.stream(sender, asked) if asked.stream else self.say(sender, asked))
        except Cancelled:
            sender.send(failure("Request was cancelled", cancelled=True), flags=FINAL)
        except Exception as error:  # noqa: BLE001 - as the real backends do
            sender.send(failure("Error generating stream: %s" % error), flags=FINAL)

    async def stream(self, sender, asked):
        last, so_far = len(asked.pieces or [""]) - 1, 0
        async for piece in spoken(asked.prompt, asked.pieces, sender, self.delay_s):
            sender.send(self.show(asked, piece, 1 if asked.pieces else 0, so_far == last), flags=FINAL if so_far == last else 0)
            so_far += 1

    async def say(self, sender, asked):
        pieces = [piece async for piece in spoken(asked.prompt, asked.pieces, sender, self.delay_s)]
        text = (asked.prompt if asked.prepend else "") + "".join(pieces)
        sender.send(self.show(asked, text, len(asked.pieces), True), flags=FINAL)


class Asked:
    """One request as a model has read it."""

    def __init__(self, request, prompt, pieces, reason, stream, prepend):
        self.request, self.prompt, self.pieces, self.reason = request, prompt, pieces, reason
        self.stream, self.prepend, self.so_far = stream, prepend, ""
